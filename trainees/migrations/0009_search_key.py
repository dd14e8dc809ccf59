from typing import Any

from django.db import migrations

import trainees.fields
from trainees.rules.search import search_key

PART = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Give everybody a key, in parts."""
    model = apps.get_model("trainees", "Trainee")
    part = []
    for each in model.objects.only("pk", "full_name", "full_name_ur").iterator(chunk_size=PART):
        each.search_key = search_key(each.full_name, each.full_name_ur)[:260]
        part.append(each)
        if len(part) == PART:
            model.objects.bulk_update(part, ["search_key"])
            part = []
    model.objects.bulk_update(part, ["search_key"])


class Migration(migrations.Migration):
    dependencies = [("trainees", "0008_reminders_and_calendar")]

    operations = [
        migrations.AddField(
            model_name="trainee",
            name="search_key",
            field=trainees.fields.SearchKeyField(
                blank=True, default="", editable=False, max_length=260, of=("full_name", "full_name_ur")
            ),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
