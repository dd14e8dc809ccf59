from django.db import migrations

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0002_initial")]

    operations = [forbid_changes("cohorts_attendancechange")]
