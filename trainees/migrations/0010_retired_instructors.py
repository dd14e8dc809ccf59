from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("trainees", "0009_search_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="retired_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
