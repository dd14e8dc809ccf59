from django.db import migrations, models

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0004_who_may_register"),
    ]

    operations = [
        migrations.AddField(
            model_name="attendancepolicy",
            name="unmarked_becomes",
            field=models.CharField(
                choices=[("absent", "Absent"), ("excused", "Excused"), ("present", "Present")],
                default="absent",
                max_length=8,
            ),
        ),
        forbid_changes("courses_attendancepolicy"),
    ]
