"""The wave of every week: the weeks are kept with the Monday of the week in which their cohort starts."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

from django.db import migrations, models
from django.db.models import Sum

SUMMED = ("earned", "possible", "completed", "expected", "reachable", "to_start")
WORDS = ("course", "city", "week", "wave", "province", "gender", "category")
UNIQUE = models.UniqueConstraint(fields=WORDS, name="week_total_unique")
PART = 500
UNKNOWN = date(1, 1, 1)  # of a week of which the cohort was not read yet


def read_waves(apps: Any, schema_editor: Any) -> None:
    """Name the wave of each cohort's weeks, and sum them anew: the weeks stay whole while the sweep has not run."""
    cohorts, weeks, totals = (
        apps.get_model(app, name)
        for app, name in (("cohorts", "Cohort"), ("portal", "CohortWeek"), ("portal", "WeekTotal"))
    )
    waves: dict[date, list[int]] = defaultdict(list)
    for pk, first in cohorts.objects.order_by().values_list("pk", "starts_on"):
        waves[first - timedelta(days=first.weekday())].append(pk)
    for monday, ids in waves.items():
        for start in range(0, len(ids), PART):
            weeks.objects.filter(cohort_id__in=ids[start : start + PART]).update(wave=monday)
    totals.objects.all().delete()
    for course, city in weeks.objects.order_by("course", "city").values_list("course", "city").distinct():
        sums = weeks.objects.filter(course=course, city=city).order_by().values_list(*WORDS)
        rows = sums.annotate(**{f"n_{name}": Sum(name) for name in SUMMED})
        found = (totals(**dict(zip((*WORDS, *SUMMED), row, strict=True))) for row in rows)
        totals.objects.bulk_create(found, batch_size=PART)


class Migration(migrations.Migration):
    dependencies = [("portal", "0012_weeks_follow")]

    operations = [
        migrations.AddField("cohortweek", "wave", models.DateField(default=UNKNOWN), preserve_default=False),
        migrations.AddField("weektotal", "wave", models.DateField(default=UNKNOWN), preserve_default=False),
        migrations.RemoveConstraint("weektotal", "week_total_unique"),
        migrations.AddConstraint("weektotal", UNIQUE),
        migrations.RunPython(read_waves, migrations.RunPython.noop),
    ]
