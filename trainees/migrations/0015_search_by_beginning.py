from django.db import migrations, models


def by_beginning(field: str, name: str) -> models.Index:
    return models.Index(fields=[field], name=name, opclasses=["varchar_pattern_ops"])


class Migration(migrations.Migration):
    dependencies = [("trainees", "0014_numbers_by_either_end")]

    operations = [
        migrations.AddIndex(model_name="trainee", index=by_beginning("number_start", "trainee_number_start")),
        migrations.AddIndex(model_name="trainee", index=by_beginning("number_end", "trainee_number_end")),
        migrations.RemoveIndex(model_name="message", name="message_to"),
        migrations.AddIndex(model_name="message", index=by_beginning("to", "message_address")),
    ]
