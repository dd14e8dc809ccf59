import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0012_warnings"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Room",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(blank=True, max_length=80)),
                ("seats", models.PositiveIntegerField(blank=True, null=True)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="cohort",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="instructors",
            field=models.ManyToManyField(blank=True, related_name="sessions_held", to=settings.AUTH_USER_MODEL),
        ),
        migrations.SeparateDatabaseAndState(  # the table stands; only what a deleted account does to it is new
            state_operations=[
                migrations.CreateModel(
                    name="CohortInstructor",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("cohort", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="cohorts.cohort")),
                        (
                            "user",
                            models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to=settings.AUTH_USER_MODEL),
                        ),
                    ],
                    options={
                        "db_table": "cohorts_cohort_instructors",
                        "unique_together": {("cohort", "user")},
                    },
                ),
                migrations.AlterField(
                    model_name="cohort",
                    name="instructors",
                    field=models.ManyToManyField(
                        blank=True,
                        related_name="cohorts_taught",
                        through="cohorts.CohortInstructor",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="cohort",
            name="held_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="cohorts",
                to="cohorts.room",
            ),
        ),
        migrations.AddField(
            model_name="session",
            name="held_in",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="sessions",
                to="cohorts.room",
            ),
        ),
        migrations.CreateModel(
            name="Venue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "city",
                    models.CharField(
                        choices=[
                            ("KHI", "Karachi"),
                            ("LHE", "Lahore"),
                            ("ISB", "Islamabad"),
                            ("PEW", "Peshawar"),
                            ("QTA", "Quetta"),
                            ("ONL", "Online"),
                        ],
                        max_length=3,
                    ),
                ),
                ("name", models.CharField(max_length=160)),
                ("address", models.CharField(blank=True, max_length=300)),
                ("map_url", models.URLField(blank=True, max_length=300)),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("city"),
                        django.db.models.functions.text.Lower("name"),
                        name="venue_name_unique_in_city",
                    ),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="venue_has_name"),
                ],
            },
        ),
        migrations.AddField(
            model_name="room",
            name="venue",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="rooms", to="cohorts.venue"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(
                models.F("venue"), django.db.models.functions.text.Lower("name"), name="room_name_unique_in_venue"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("seats__isnull", True), ("seats__gt", 0), _connector="OR"),
                name="room_seats_positive",
            ),
        ),
    ]
