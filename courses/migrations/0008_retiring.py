from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("courses", "0007_minimum_share"),
    ]

    operations = [
        migrations.AddField(
            model_name="course",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="programme",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
