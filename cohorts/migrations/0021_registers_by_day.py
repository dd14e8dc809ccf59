from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0020_open_lengths")]

    operations = [
        migrations.AddIndex("session", models.Index(fields=["marked_at", "id"], name="session_marked")),
    ]
