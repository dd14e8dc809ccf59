"""How a name will be printed, and whether a course has begun: what the profile needs to know from above."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.safestring import SafeString
from django.utils.timezone import localdate

from certificates.models import Certificate
from certificates.picture import draw_picture
from certificates.rules import Unprintable, check_name, check_name_ur
from certificates.services.issue import sample
from cohorts.models import Cohort, Enrolment
from trainees.models import Trainee


@dataclass(frozen=True)
class Preview:
    """The certificate with the names as typed, and what the faces cannot print of them."""

    picture: SafeString | str
    problems: list[Unprintable]


def has_started(trainee: Trainee, at: datetime) -> bool:
    """Tell whether a cohort of this person has begun, so that lists and registers hold the name. One query."""
    begun = Q(cohort__starts_on__lte=localdate(at)) | ~Q(cohort__state=Cohort.State.PLANNED)
    return trainee.enrolments.filter(begun, status__in=Enrolment.ON_REGISTER).exists()


def find_unprintable(names: tuple[str, str]) -> list[Unprintable]:
    """Return what the faces of a certificate cannot print of a name and its Urdu form."""
    return [each for each in (check_name(names[0]), check_name_ur(names[1])) if each is not None]


def preview_names(trainee: Trainee, names: tuple[str, str], at: datetime) -> Preview:
    """Show how the certificate of the newest enrolment would print the names; nothing is written. Four queries."""
    found = [check_name(names[0]), check_name_ur(names[1])]
    problems = [each for each in found if each is not None]
    enrolment = trainee.enrolments.exclude(status__in=Enrolment.LEFT).order_by("-id").first()
    if enrolment is None or found[0] is not None:
        return Preview("", problems)
    enrolment.trainee = Trainee(full_name=names[0], full_name_ur="" if found[1] else names[1])
    return Preview(draw_picture(sample(enrolment=enrolment, at=at), with_code=False), problems)


def outdated_certificates(trainee: Trainee) -> QuerySet[Certificate]:
    """Return the valid certificates that print another name than the person has now (R52). One query."""
    issued = Certificate.objects.filter(enrolment__trainee=trainee, state=Certificate.State.ISSUED)
    return issued.exclude(name=trainee.full_name).order_by("-issued_at")
