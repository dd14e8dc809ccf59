import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """The cells are derived: they are made anew with the words they are summed by, and every cohort is stale."""

    dependencies = [("portal", "0001_summaries")]

    operations = [
        migrations.DeleteModel(name="CohortCell"),
        migrations.CreateModel(
            name="CohortCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("course", models.CharField(max_length=12)),
                ("city", models.CharField(max_length=3)),
                ("state", models.CharField(max_length=10)),
                ("province", models.CharField(blank=True, max_length=2)),
                ("gender", models.CharField(blank=True, max_length=1)),
                ("category", models.CharField(blank=True, max_length=12)),
                ("waiting", models.IntegerField()),
                ("offered", models.IntegerField()),
                ("enrolled", models.IntegerField()),
                ("at_risk", models.IntegerField()),
                ("cannot_reach", models.IntegerField()),
                ("completed", models.IntegerField()),
                ("not_completed", models.IntegerField()),
                ("left", models.IntegerField()),
                ("certified", models.IntegerField()),
                ("disagree", models.IntegerField()),
                ("due", models.IntegerField()),
                ("earned", models.BigIntegerField()),
                ("possible", models.BigIntegerField()),
                (
                    "cohort",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="cohorts.cohort"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["course", "city"], name="cohort_cell_of_total"),
                    models.Index(condition=models.Q(("due__gt", 0)), fields=["cohort", "due"], name="cohort_cell_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("cohort", "province", "gender", "category"), name="cohort_cell_unique"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SplitTotal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("course", models.CharField(max_length=12)),
                ("city", models.CharField(max_length=3)),
                ("state", models.CharField(max_length=10)),
                ("province", models.CharField(blank=True, max_length=2)),
                ("gender", models.CharField(blank=True, max_length=1)),
                ("category", models.CharField(blank=True, max_length=12)),
                ("waiting", models.IntegerField()),
                ("offered", models.IntegerField()),
                ("enrolled", models.IntegerField()),
                ("at_risk", models.IntegerField()),
                ("cannot_reach", models.IntegerField()),
                ("completed", models.IntegerField()),
                ("not_completed", models.IntegerField()),
                ("left", models.IntegerField()),
                ("certified", models.IntegerField()),
                ("disagree", models.IntegerField()),
                ("due", models.IntegerField()),
                ("earned", models.BigIntegerField()),
                ("possible", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("course", "city", "state", "province", "gender", "category"), name="split_total_unique"
                    )
                ],
            },
        ),
        migrations.RunSQL(
            "INSERT INTO portal_stalecohort (cohort_id) SELECT id FROM cohorts_cohort", migrations.RunSQL.noop
        ),
    ]
