"""The list of applications is counted within one index, and read by course in the order of another."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("admissions", "0007_email"),
        ("courses", "0008_retiring"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="application", name="application_figures"),
        migrations.AlterField(
            model_name="application",
            name="course_1",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="courses.course",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=["verdict", "status", "city", "gender", "province", "category", "course_1"],
                name="application_figures",
            ),
        ),
        migrations.AddIndex(
            model_name="application",
            index=models.Index(
                fields=[
                    *("course_1", "submitted_at", "id"),
                    *("city", "gender", "province", "category", "status", "verdict"),
                ],
                name="application_of_course",
            ),
        ),
    ]
