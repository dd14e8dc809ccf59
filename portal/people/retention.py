"""How long personal values are kept, and removing what has been kept long enough (R77)."""

from collections import Counter
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q, QuerySet
from django.db.models.functions import Coalesce, Greatest

from admissions.models import Application
from audit.services import record
from cohorts.models import Enrolment
from portal.people.erase import blank_application, erase_messages, erase_person
from trainees.models import Message, Trainee

OVER = (Application.Status.REJECTED, Application.Status.DECLINED, Application.Status.WITHDRAWN)


def purge_expired(*, at: datetime, dry_run: bool = False) -> Counter[str]:
    """Empty mails, applications that came to nothing, and people whose last course is long over.

    Each person is a transaction of its own. A repeated run finds nothing more. Returns the counts.
    """
    mails, applications, people = expired_messages(at), expired_applications(at), expired_people(at)
    counts = Counter(messages=mails.count(), applications=applications.count(), people=people.count())
    if dry_run:
        return counts
    erase_messages(mails)
    for application in applications.iterator():
        _blank(application, at)
    for trainee in people.select_related("user").iterator():
        erase_person(trainee=trainee, by=None, at=at)
    return counts


def expired_messages(at: datetime) -> QuerySet[Message]:
    """Mails that went out, or never will, and still hold their text."""
    end = at - timedelta(days=settings.KEEP_MESSAGES_DAYS)
    return Message.objects.filter(created_at__lt=end).exclude(state=Message.State.QUEUED).exclude(text="", html="")


def expired_applications(at: datetime) -> QuerySet[Application]:
    """Applications that came to nothing; those that led to a place go with the person."""
    end = at - timedelta(days=settings.KEEP_APPLICATIONS_DAYS)
    over = Application.objects.filter(status__in=OVER).exclude(full_name="", email="", cnic_hash__isnull=True)
    return over.annotate(ended=Coalesce("decided_at", "submitted_at")).filter(ended__lt=end)


def expired_people(at: datetime) -> QuerySet[Trainee]:
    """People without an open enrolment, whose last one (or whose registration) ended long ago."""
    end = at - timedelta(days=settings.KEEP_PEOPLE_DAYS)
    busy = Enrolment.objects.filter(status__in=Enrolment.OPEN).values("trainee_id")
    last = Coalesce(
        Greatest(
            Coalesce(Max("enrolments__closed_at"), "created_at"),
            Coalesce(Max("enrolments__withdrawn_at"), "created_at"),
        ),
        "created_at",
    )
    kept = Q(erased_at__isnull=False) | Q(pk__in=busy)
    return Trainee.objects.exclude(kept).annotate(last=last).filter(last__lt=end)


@transaction.atomic
def _blank(application: Application, at: datetime) -> None:
    blank_application(application)
    record(act="application.purge", by=None, at=at, subject=application)
