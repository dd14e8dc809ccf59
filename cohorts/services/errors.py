"""Refusals shared by the acts on cohorts. Each has the code that pages and API show."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from cohorts.models import Cohort
from cohorts.rules.places import NO_SHOW_AFTER


class Conflict(ValidationError):
    """The state of things forbids the act now; the API answers 409, with what `extra` says beside."""

    extra: Mapping[str, Any] = {}


class CohortClosed(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("%(code)s is closed.") % {"code": cohort.code}, code="closed")


class CohortRetired(Conflict):
    """The cohort, its course or its programme takes nobody new; who is inside goes on."""

    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("%s is no longer offered. Choose another cohort.") % cohort.code, code="retired")


class RegistrationClosed(Conflict):
    """Outside the cohort's window; says when it opens or that it is over."""

    def __init__(self, cohort: Cohort, at: datetime) -> None:
        opens, closes = cohort.registration_opens_at, cohort.registration_closes_at
        ahead = opens is not None and at < opens
        text = _("Registration for %(code)s opens on %(when)s.") if ahead else _("Registration for %(code)s is over.")
        when = date_format(opens.astimezone(ZoneInfo(cohort.time_zone)), "j F Y, H:i") if opens and ahead else ""
        super().__init__(text % {"code": cohort.code, "when": when}, code="registration_closed")
        self.extra = {"opens_at": opens, "closes_at": closes}


class CohortFull(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        text = _("%(code)s and its waiting list are full. Choose another cohort.") % {"code": cohort.code}
        super().__init__(text, code="full")


class AlreadyEnrolled(Conflict):
    """One cohort at a time; `cohort` is where the place is, None when it was taken in this very moment elsewhere."""

    def __init__(self, cohort: Cohort | None) -> None:
        where = cohort.code if cohort else _("another cohort")
        text = _("Already enrolled or waiting in %(code)s; one cohort at a time.") % {"code": where}
        super().__init__(text, code="already_enrolled")


class NotOpen(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This enrolment is over and cannot be changed."), code="enrolment_over")


class CapacityBelowTaken(Conflict):
    """Names who holds a place: only the office is ever told."""

    def __init__(self, capacity: int, holders: list[str]) -> None:
        text = _("%(taken)d places are taken; the capacity cannot be %(capacity)d. They are held by: %(names)s.")
        values = {"taken": len(holders), "capacity": capacity, "names": ", ".join(holders)}
        super().__init__(text % values, code="capacity_below_taken")


class OfferOver(Conflict):
    def __init__(self) -> None:
        text = _("This offer is over: it was answered or its time ran out. You can register again.")
        super().__init__(text, code="offer_over")


class CameAlready(Conflict):
    def __init__(self, name: str) -> None:
        text = _("%(name)s was there, or fewer than %(n)d sessions were held; withdraw them if they leave.")
        super().__init__(text % {"name": name, "n": NO_SHOW_AFTER}, code="not_a_no_show")


class NotEligible(Conflict):
    """Every reason why the person may not register, each at the field it is about."""

    def __init__(self, cohort: Cohort, reasons: dict[str, str]) -> None:
        super().__init__({name: ValidationError(text, code="not_eligible") for name, text in reasons.items()})
        self.extra = {"cohort": cohort.code}


class NothingToConfirm(Conflict):
    def __init__(self) -> None:
        super().__init__(_("There is nothing to confirm, or its time has run out."), code="nothing_to_confirm")
