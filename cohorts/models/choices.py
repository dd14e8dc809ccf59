"""Words that more than one model of the cohorts uses."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Mode(models.TextChoices):
    CLASSROOM = "classroom", _("Classroom")
    ONLINE = "online", _("Online")


def describe_place(mode: str, venue: str, room: str, link: str) -> str:
    """Say where a session is held, as one line."""
    if mode == Mode.ONLINE:
        return link or str(Mode.ONLINE.label)
    return ", ".join(part for part in (room, venue) if part) or str(Mode.CLASSROOM.label)


class City(models.TextChoices):
    KARACHI = "KHI", _("Karachi")
    LAHORE = "LHE", _("Lahore")
    ISLAMABAD = "ISB", _("Islamabad")
    PESHAWAR = "PEW", _("Peshawar")
    QUETTA = "QTA", _("Quetta")
    ONLINE = "ONL", _("Online")


class EnrolmentStatus(models.TextChoices):
    WAITLISTED = "waitlisted", _("On the waiting list")
    OFFERED = "offered", _("Place offered")
    ENROLLED = "enrolled", _("Enrolled")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    COMPLETED = "completed", _("Completed")
    NOT_COMPLETED = "not_completed", _("Not completed")
    NO_SHOW = "no_show", _("Did not come")


ON_REGISTER = (EnrolmentStatus.ENROLLED, EnrolmentStatus.COMPLETED, EnrolmentStatus.NOT_COMPLETED)
TAKING_A_PLACE = (EnrolmentStatus.OFFERED, *ON_REGISTER)  # an offer holds the place until it is answered (R33)


class MarkStatus(models.TextChoices):
    PRESENT = "present", _("Present")
    LATE = "late", _("Late")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")
