"""Mails are found by their cause on SQLite too, which takes an index of some rows only if the query says which."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trainees", "0012_requests_in_order")]

    operations = [
        migrations.RemoveIndex(model_name="message", name="message_cause"),
        migrations.AddIndex(model_name="message", index=models.Index(fields=["cause", "state"], name="message_cause")),
    ]
