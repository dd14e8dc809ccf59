from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trainees", "0010_retired_instructors")]

    operations = [
        migrations.AddIndex(model_name="message", index=models.Index(fields=["kind"], name="message_kind")),
        migrations.AddIndex(model_name="message", index=models.Index(fields=["to"], name="message_to")),
        migrations.AddIndex(model_name="message", index=models.Index(fields=["state", "id"], name="message_state")),
    ]
