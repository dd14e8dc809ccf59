from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("admissions", "0009_rehearsal")]

    operations = [
        migrations.RemoveIndex(model_name="application", name="application_email"),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(fields=["email"], name="application_address", opclasses=["varchar_pattern_ops"]),
        ),
    ]
