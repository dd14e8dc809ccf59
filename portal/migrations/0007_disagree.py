from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portal", "0006_saved_views")]

    operations = [
        migrations.AddIndex(
            model_name="cohortcell",
            index=models.Index(condition=models.Q(disagree__gt=0), fields=["cohort"], name="cohort_cell_disagree"),
        ),
    ]
