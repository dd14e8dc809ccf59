"""The minutes of a cohort's timetable, summed once for those that stand."""

from typing import Any

from django.db import migrations, models
from django.db.models import IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce


def sum_minutes(apps: Any, schema_editor: Any) -> None:
    cohorts, sessions = apps.get_model("cohorts", "Cohort"), apps.get_model("cohorts", "Session")
    own = sessions.objects.filter(cohort=OuterRef("pk")).exclude(state="cancelled").order_by().values("cohort")
    summed = Subquery(own.annotate(n=Sum("minutes")).values("n"), output_field=IntegerField())
    cohorts.objects.update(minutes=Coalesce(summed, 0))


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0018_plan_changes")]

    operations = [
        migrations.AddField("cohort", "minutes", models.PositiveIntegerField(default=0)),
        migrations.RunPython(sum_minutes, migrations.RunPython.noop, elidable=True),
    ]
