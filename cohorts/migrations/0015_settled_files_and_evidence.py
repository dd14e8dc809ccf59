"""What is settled stands on the file it is about; a mark from a file keeps its evidence."""

from typing import Any

from django.db import migrations, models


def move_to_files(apps: Any, _schema: Any) -> None:
    """Give each file of a report the order of dates and the zone that were settled for all of them."""
    reports = apps.get_model("cohorts", "MeetingReport").objects.exclude(date_order="", time_zone="")
    for report in reports.iterator():
        given = {"date_order": report.date_order, "time_zone": report.time_zone}
        report.files.update(settled={name: value for name, value in given.items() if value})


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0014_enter_venues")]

    operations = [
        migrations.AddField("meetingfile", "settled", models.JSONField(blank=True, default=dict)),
        migrations.AddField("meetingfile", "removed_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("attendancechange", "evidence", models.JSONField(null=True)),
        migrations.RunPython(move_to_files, migrations.RunPython.noop),
        migrations.RemoveField("meetingreport", "date_order"),
        migrations.RemoveField("meetingreport", "time_zone"),
    ]
