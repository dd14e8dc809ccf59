import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0011_session_to_mark"),
    ]

    operations = [
        migrations.CreateModel(
            name="AttendanceWarning",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("in_row", "Missed several in a row"),
                            ("at_risk", "At risk"),
                            ("cannot_reach", "Cannot reach the minimum"),
                        ],
                        max_length=12,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("quoted", models.JSONField()),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="warnings", to="cohorts.enrolment"
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("enrolment", "level"), name="warning_once_per_level")],
            },
        ),
    ]
