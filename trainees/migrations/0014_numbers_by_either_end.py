from typing import Any

from django.db import migrations

import trainees.fields
from trainees.rules.search import fold_number

PART = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every number its keys, in parts."""
    model = apps.get_model("trainees", "Trainee")
    part = []
    for each in model.objects.only("pk", "number").iterator(chunk_size=PART):
        each.number_start = fold_number(each.number)[:30]
        each.number_end = each.number_start[::-1]
        part.append(each)
        if len(part) == PART:
            model.objects.bulk_update(part, ["number_start", "number_end"])
            part = []
    model.objects.bulk_update(part, ["number_start", "number_end"])


class Migration(migrations.Migration):
    dependencies = [("trainees", "0013_mails_by_cause")]

    operations = [
        migrations.AddField(
            model_name="trainee",
            name="number_start",
            field=trainees.fields.NumberKeyField(
                default="", editable=False, from_end=False, max_length=30, of="number"
            ),
        ),
        migrations.AddField(
            model_name="trainee",
            name="number_end",
            field=trainees.fields.NumberKeyField(default="", editable=False, from_end=True, max_length=30, of="number"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
