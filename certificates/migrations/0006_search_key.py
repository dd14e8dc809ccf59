from typing import Any

from django.db import migrations

import trainees.fields
from trainees.rules.search import search_key

PART = 500


def fill(apps: Any, schema_editor: Any) -> None:
    """Give every row a key, in parts."""
    model = apps.get_model("certificates", "Certificate")
    last = 0
    while part := list(model.objects.filter(pk__gt=last).only("pk", "name").order_by("pk")[:PART]):
        for each in part:
            each.search_key = search_key(each.name)[:260]
        model.objects.bulk_update(part, ["search_key"])
        last = part[-1].pk


class Migration(migrations.Migration):
    dependencies = [("certificates", "0005_batches_without_cohort")]

    operations = [
        migrations.AddField(
            model_name="certificate",
            name="search_key",
            field=trainees.fields.SearchKeyField(blank=True, default="", editable=False, max_length=260, of=("name",)),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
