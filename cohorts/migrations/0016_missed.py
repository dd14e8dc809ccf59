from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0015_settled_files_and_evidence")]

    operations = [
        migrations.AddIndex(
            model_name="enrolment",
            index=models.Index(fields=["sessions_absent", "id"], name="enrolment_missed"),
        ),
    ]
