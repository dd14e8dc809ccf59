"""Certificates are counted and listed by state."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("certificates", "0006_search_key")]

    operations = [
        migrations.AddIndex(
            model_name="certificate",
            index=models.Index(fields=["state", "id"], name="certificate_state"),
        ),
    ]
