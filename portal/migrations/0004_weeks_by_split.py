import django.db.models.deletion
from django.db import migrations, models


def _counts() -> list[tuple[str, models.Field]]:
    words = [
        ("course", 12, False),
        ("city", 3, False),
        ("province", 2, True),
        ("gender", 1, True),
        ("category", 12, True),
    ]
    chars = [(name, models.CharField(max_length=size, blank=blank)) for name, size, blank in words]
    minutes = [(name, models.BigIntegerField(default=0)) for name in ("earned", "possible")]
    people = [(name, models.IntegerField(default=0)) for name in ("completed", "expected", "reachable", "to_start")]
    pk = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
    return [("id", pk), *chars, ("week", models.DateField()), *minutes, *people]


class Migration(migrations.Migration):
    """The weeks are derived: they are made anew with the words they are narrowed by, and every cohort is stale."""

    dependencies = [("cohorts", "0012_warnings"), ("portal", "0003_reports")]

    operations = [
        migrations.DeleteModel(name="CohortWeek"),
        migrations.CreateModel(
            name="CohortWeek",
            fields=[
                *_counts(),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cohorts.cohort"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["course", "city", "week"], name="cohort_week_of_total")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cohort", "week", "province", "gender", "category"), name="cohort_week_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WeekTotal",
            fields=_counts(),
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course", "city", "week", "province", "gender", "category"), name="week_total_unique"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO portal_stalecohort (cohort_id) SELECT id FROM cohorts_cohort", migrations.RunSQL.noop
        ),
    ]
