"""Requests that wait are read in their order, and those that were decided in theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trainees", "0011_messages_by_state")]

    operations = [
        migrations.AddIndex(
            model_name="erasurerequest",
            index=models.Index(
                condition=models.Q(status="waiting"), fields=["requested_at", "id"], name="erasurerequest_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="erasurerequest", index=models.Index(fields=["decided_at", "id"], name="erasurerequest_decided")
        ),
        migrations.AddIndex(
            model_name="namechange",
            index=models.Index(
                condition=models.Q(status="waiting"), fields=["requested_at", "id"], name="namechange_waiting"
            ),
        ),
        migrations.AddIndex(
            model_name="namechange", index=models.Index(fields=["decided_at", "id"], name="namechange_decided")
        ),
    ]
