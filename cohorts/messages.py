"""What trainees are told about their places: one mail row per cause, in the cause's transaction."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from cohorts.models import Enrolment
from trainees.models import User
from trainees.services.messages import queue_message


def tell_enrolled(*, enrolment: Enrolment, position: int, at: datetime) -> None:
    """Confirm a place, or the position in the line."""
    if enrolment.status == Enrolment.Status.WAITLISTED:
        _tell("waitlisted", enrolment, at, position=position)
    else:
        _tell("enrolled", enrolment, at)


def tell_promoted(*, enrolment: Enrolment, at: datetime) -> None:
    """Tell that the line has moved and the place is theirs."""
    _tell("promoted", enrolment, at)


def tell_withdrawn(*, enrolment: Enrolment, at: datetime) -> None:
    """Confirm a withdrawal (R42)."""
    _tell("withdrawn", enrolment, at)


def _tell(kind: str, enrolment: Enrolment, at: datetime, **more: Any) -> None:
    trainee, cohort = enrolment.trainee, enrolment.cohort
    language = trainee.user.language if trainee.user else User.Language.ENGLISH
    with translation.override(language):
        subjects = {
            "enrolled": _("You have a place in %(cohort)s"),
            "waitlisted": _("You are on the waiting list of %(cohort)s"),
            "promoted": _("A place in %(cohort)s is now yours"),
            "withdrawn": _("You have left %(cohort)s"),
        }
        context = {"trainee": trainee, "cohort": cohort, "enrolment": enrolment, "site": settings.SITE_URL, **more}
        queue_message(
            key=f"enrolment-{enrolment.pk}-{kind}",
            to=trainee.email,
            subject=subjects[kind] % {"cohort": cohort.code},
            text=render_to_string(f"emails/{kind}.txt", context),
            html=render_to_string(f"emails/{kind}.html", context),
            at=at,
        )
