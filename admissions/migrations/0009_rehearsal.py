"""What a run would do is foreseen by the worker and kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("admissions", "0008_list_by_course")]

    operations = [
        migrations.AddField(model_name="placing", name="is_rehearsal", field=models.BooleanField(default=False)),
        migrations.AddField(model_name="placing", name="foreseen", field=models.JSONField(default=list)),
    ]
