"""Indexes of what waits for a decision and of whom to watch."""

from django.db import migrations, models
from django.db.models import Q

WATCHED = (Q(standing__in=["cannot_reach", "at_risk"]) | Q(sessions_absent__gte=3)) & Q(status="enrolled")
INDEXES = {
    "appeal": [models.Index(fields=["made_at", "id"], condition=Q(status="open"), name="appeal_waiting")],
    "enrolment": [models.Index(fields=["standing", "id"], condition=WATCHED, name="enrolment_watched")],
    "leaverequest": [
        models.Index(fields=["requested_at", "id"], condition=Q(status="requested"), name="leave_waiting"),
        models.Index(fields=["-decided_at", "-id"], condition=Q(status="approved"), name="leave_granted"),
    ],
}


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0016_missed")]

    operations = [
        migrations.AddIndex(model_name=model, index=index) for model, indexes in INDEXES.items() for index in indexes
    ]
