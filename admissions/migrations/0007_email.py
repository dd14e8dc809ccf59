from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("admissions", "0006_search_key")]

    operations = [
        migrations.AddIndex(model_name="application", index=models.Index(fields=["email"], name="application_email")),
    ]
