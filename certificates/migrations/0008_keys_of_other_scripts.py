"""Words in a script that has no letters of ours become keys too."""

from typing import Any

from django.db import migrations

from trainees.words import renew_keys


def renew(apps: Any, schema_editor: Any) -> None:
    renew_keys(apps.get_model("certificates", "Certificate"))


class Migration(migrations.Migration):
    dependencies = [("certificates", "0007_state_index")]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
