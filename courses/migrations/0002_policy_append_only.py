from django.db import migrations

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [forbid_changes("courses_attendancepolicy")]
