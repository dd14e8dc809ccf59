from django.db import migrations

from audit.append_only import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_initial")]

    operations = [forbid_changes("audit_auditentry")]
