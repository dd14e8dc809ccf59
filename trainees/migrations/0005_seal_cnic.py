"""The columns of a sealed CNIC; the rows follow in 0006, where a broken run can go on."""

from django.db import migrations, models

import trainees.fields


class Migration(migrations.Migration):
    dependencies = [("trainees", "0004_address_confirmed")]

    operations = [
        migrations.RemoveConstraint("trainee", "trainee_cnic_13_digits"),
        migrations.AddField(
            "trainee",
            "cnic_hash",
            trainees.fields.CnicHashField(editable=False, max_length=64, null=True, of="cnic", unique=True),
        ),
        migrations.AddField("trainee", "erased_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("trainee", "cnic", trainees.fields.EncryptedField(blank=True)),
    ]
