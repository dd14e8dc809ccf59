import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [
        ("cohorts", "0004_offers_and_holds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="attendancerecord",
            options={
                "permissions": [
                    ("correct_attendance", "Can correct a register after its lock time"),
                    ("reopen_register", "Can reopen a closed register"),
                ]
            },
        ),
        migrations.AddField(
            model_name="attendancechange",
            name="claimed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attendancechange",
            name="received_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="attendancechange",
            name="source",
            field=models.CharField(blank=True, default="", max_length=200),
        ),
        migrations.AddField(
            model_name="attendancechange",
            name="version",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="attendancerecord",
            name="to_confirm",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="session",
            name="marked_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="session",
            name="register_closed_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="WalkIn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("noted_at", models.DateTimeField()),
                ("matched_at", models.DateTimeField(null=True)),
                (
                    "enrolment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="walk_ins",
                        to="cohorts.enrolment",
                    ),
                ),
                (
                    "matched_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "noted_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="walk_ins", to="cohorts.session"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("enrolment__isnull", True), ("matched_at__isnull", True)),
                            models.Q(("enrolment__isnull", False), ("matched_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="walk_in_match_has_time",
                    ),
                    models.CheckConstraint(condition=models.Q(("name", ""), _negated=True), name="walk_in_has_name"),
                ],
            },
        ),
        forbid_changes("cohorts_attendancechange"),
    ]
