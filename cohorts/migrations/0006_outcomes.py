import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0005_register_life"),
        ("courses", "0006_assessments"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="cohort",
            options={"permissions": [("reopen_cohort", "Can reopen a closed cohort")]},
        ),
        migrations.CreateModel(
            name="CompletionException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(blank=True, null=True)),
                ("lifted_reason", models.CharField(blank=True, max_length=300)),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="exceptions", to="cohorts.enrolment"
                    ),
                ),
                (
                    "lifted_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "permissions": [("grant_exception", "Can let a trainee complete by exception")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_at__isnull", True)),
                        fields=("enrolment",),
                        name="exception_one_live_per_enrolment",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True), name="exception_has_reason"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("lifted_at__isnull", True), models.Q(("lifted_reason", ""), _negated=True), _connector="OR"
                        ),
                        name="exception_lifted_has_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutcomeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "old_status",
                    models.CharField(
                        choices=[
                            ("waitlisted", "On the waiting list"),
                            ("offered", "Place offered"),
                            ("enrolled", "Enrolled"),
                            ("withdrawn", "Withdrawn"),
                            ("completed", "Completed"),
                            ("not_completed", "Not completed"),
                            ("no_show", "Did not come"),
                        ],
                        max_length=14,
                    ),
                ),
                (
                    "new_status",
                    models.CharField(
                        choices=[
                            ("waitlisted", "On the waiting list"),
                            ("offered", "Place offered"),
                            ("enrolled", "Enrolled"),
                            ("withdrawn", "Withdrawn"),
                            ("completed", "Completed"),
                            ("not_completed", "Not completed"),
                            ("no_show", "Did not come"),
                        ],
                        max_length=14,
                    ),
                ),
                ("reasons", models.JSONField(default=list)),
                ("completed_on", models.DateField(null=True)),
                ("why", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outcome_changes",
                        to="cohorts.enrolment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["enrolment", "at"], name="outcome_change_enrolment")],
            },
        ),
        migrations.CreateModel(
            name="Score",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("hundredths", models.PositiveIntegerField()),
                ("scored_at", models.DateTimeField()),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="courses.assessment"
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="scores", to="cohorts.enrolment"
                    ),
                ),
                (
                    "scored_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("enrolment", "assessment"), name="score_one_per_enrolment_and_assessment"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("old", models.PositiveIntegerField(null=True)),
                ("new", models.PositiveIntegerField(null=True)),
                ("at", models.DateTimeField()),
                ("channel", models.CharField(max_length=20)),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="courses.assessment"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "enrolment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="score_changes",
                        to="cohorts.enrolment",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["enrolment", "assessment"], name="score_change_enrolment")],
            },
        ),
        forbid_changes("cohorts_scorechange"),
        forbid_changes("cohorts_outcomechange"),
    ]
