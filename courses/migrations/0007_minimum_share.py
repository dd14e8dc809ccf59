from django.db import migrations, models

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0006_assessments"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendancepolicy",
            name="minimum_share_percent",
            field=models.PositiveIntegerField(default=10),
        ),
        migrations.AddConstraint(
            model_name="attendancepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("minimum_share_percent__lte", 100)), name="policy_share_at_most_100"
            ),
        ),
        forbid_changes("courses_attendancepolicy"),
    ]
