"""Refusals shared by the acts on cohorts. Each has the code that pages and API show."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cohorts.models import Cohort


class Conflict(ValidationError):
    """The state of things forbids the act now; the API answers 409."""


class CohortClosed(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("%(code)s is closed.") % {"code": cohort.code}, code="closed")


class RegistrationClosed(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        super().__init__(
            _("Registration for %(code)s is not open.") % {"code": cohort.code}, code="registration_closed"
        )


class CohortFull(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        text = _("%(code)s and its waiting list are full. Choose another cohort.") % {"code": cohort.code}
        super().__init__(text, code="full")


class AlreadyEnrolled(Conflict):
    def __init__(self, cohort: Cohort) -> None:
        text = _("Already enrolled or waiting in %(code)s; one cohort at a time.") % {"code": cohort.code}
        super().__init__(text, code="already_enrolled")


class NotOpen(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This enrolment is over and cannot be changed."), code="enrolment_over")


class CapacityBelowTaken(Conflict):
    def __init__(self, capacity: int, taken: int) -> None:
        text = _("%(taken)d places are taken; the capacity cannot be %(capacity)d.")
        super().__init__(text % {"taken": taken, "capacity": capacity}, code="capacity_below_taken")
