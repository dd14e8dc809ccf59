"""Words in a script that has no letters of ours become keys too."""

from typing import Any

from django.db import migrations

from trainees.words import renew_keys


def renew(apps: Any, schema_editor: Any) -> None:
    renew_keys(apps.get_model("admissions", "Application"))


class Migration(migrations.Migration):
    dependencies = [("admissions", "0010_address_by_beginning")]

    operations = [migrations.RunPython(renew, migrations.RunPython.noop)]
