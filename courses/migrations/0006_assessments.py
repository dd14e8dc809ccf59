import django.db.models.deletion
from django.db import migrations, models

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0005_unmarked_becomes"),
    ]

    operations = [
        migrations.CreateModel(
            name="Assessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("name", models.CharField(max_length=80)),
                ("weight", models.PositiveIntegerField()),
                ("points", models.PositiveIntegerField(default=100)),
                ("required", models.BooleanField(default=False)),
            ],
        ),
        migrations.AddField(
            model_name="attendancepolicy",
            name="pass_mark_percent",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="attendancepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("pass_mark_percent__lte", 100)), name="policy_pass_mark_at_most_100"
            ),
        ),
        migrations.AddField(
            model_name="assessment",
            name="policy",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="assessments", to="courses.attendancepolicy"
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(fields=("policy", "number"), name="assessment_number_unique"),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(fields=("policy", "name"), name="assessment_name_unique"),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(condition=models.Q(("points__gt", 0)), name="assessment_points_positive"),
        ),
        forbid_changes("courses_attendancepolicy"),
        forbid_changes("courses_assessment"),
    ]
