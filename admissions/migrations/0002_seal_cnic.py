"""The columns of sealed numbers and of the row as it was typed; the rows follow in 0003."""

from django.db import migrations

import trainees.fields


class Migration(migrations.Migration):
    dependencies = [("admissions", "0001_initial"), ("trainees", "0006_seal_cnic_rows")]

    operations = [
        migrations.RemoveConstraint("application", "application_one_live_per_cnic"),
        migrations.RemoveIndex("application", "application_cnic"),
        migrations.AddField(
            "application",
            "cnic_hash",
            trainees.fields.CnicHashField(editable=False, max_length=64, null=True, of="cnic"),
        ),
        migrations.AlterField("application", "cnic", trainees.fields.EncryptedField(blank=True)),
        migrations.AlterField("application", "typed", trainees.fields.EncryptedJSONField(default=dict)),
    ]
