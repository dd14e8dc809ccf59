"""Names of those who are due that have to be looked at before a certificate prints them."""

from typing import Any

from django.db import migrations, models


def count_again(apps: Any, schema_editor: Any) -> None:
    """Every cohort of whom somebody is due is counted by the next sweep."""
    owing = apps.get_model("portal", "CohortCell").objects.filter(due__gt=0).order_by()
    stale = apps.get_model("portal", "StaleCohort")
    stale.objects.bulk_create(stale(cohort_id=pk) for pk in owing.values_list("cohort_id", flat=True).distinct())


class Migration(migrations.Migration):
    dependencies = [("portal", "0008_act_runs")]

    operations = [
        migrations.AddField("cohortcell", "doubtful", models.IntegerField(default=0), preserve_default=False),
        migrations.AddField("splittotal", "doubtful", models.IntegerField(default=0), preserve_default=False),
        migrations.AddIndex(
            model_name="cohortcell",
            index=models.Index(condition=models.Q(doubtful__gt=0), fields=["cohort"], name="cohort_cell_doubtful"),
        ),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
