"""Decisions about places: who may register, how long an offer stands, what a transfer carries over. Pure functions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

NO_SHOW_AFTER = 2  # sessions held without the person before they may be marked as not having come


class Requirements(Protocol):
    """What is read of `courses.models.Course`."""

    categories: list[str]
    earliest_graduation_year: int | None
    minimum_age: int | None


class Applicant(Protocol):
    """What is read of `trainees.models.Trainee`."""

    category: str
    graduation_year: int | None
    date_of_birth: date | None


class Attended(Protocol):
    """What is read of `cohorts.models.Enrolment`."""

    sessions_present: int
    sessions_late: int
    sessions_excused: int
    sessions_absent: int
    sessions_unmarked: int


class Lesson(Protocol):
    """What is read of `cohorts.models.Session`."""

    pk: int
    number: int
    minutes: int


@dataclass(frozen=True)
class Carried:
    """A session of the old cohort that stands in for the one of the same number in the new cohort."""

    attended: Lesson
    session: Lesson
    status: str
    minutes: int


def why_not_eligible(person: Applicant, course: Requirements, *, starts_on: date) -> dict[str, str]:
    """Return every reason why `person` may not register, by the field it is about; empty when nothing speaks against.

    What is not known of a person does not speak against it: the office asks (R37).
    """
    reasons: dict[str, str] = {}
    if course.categories and person.category and person.category not in course.categories:
        names = ", ".join(_group(each) for each in course.categories)
        reasons["category"] = _("This course is for %s only.") % names
    year, earliest = person.graduation_year, course.earliest_graduation_year
    if year and earliest and year < earliest:
        text = _("This course is for those who graduated in %(earliest)d or later; you gave %(year)d.")
        reasons["graduation_year"] = text % {"earliest": earliest, "year": year}
    if course.minimum_age and person.date_of_birth and age_on(person.date_of_birth, starts_on) < course.minimum_age:
        text = _("This course is for those who are at least %d years old when it starts.")
        reasons["date_of_birth"] = text % course.minimum_age
    return reasons


def describe_requirements(course: Requirements) -> list[str]:
    """Say who may register, so that nobody fills a form in vain; empty when everybody may."""
    said = []
    if course.categories:
        said.append(", ".join(_group(each) for each in course.categories))
    if course.earliest_graduation_year:
        said.append(_("graduated in %d or later") % course.earliest_graduation_year)
    if course.minimum_age:
        said.append(_("at least %d years old at the start") % course.minimum_age)
    return said


def _group(category: str) -> str:
    return {"graduate": _("fresh graduates"), "professional": _("working professionals")}.get(category, category)


def age_on(born: date, day: date) -> int:
    """Return whole years of age; who was born on 29 February is a year older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def offer_deadline(at: datetime, hours: int, first_session: datetime | None) -> datetime:
    """Return until when an offer stands: `hours`, but not past the start of a cohort that has yet to begin (R35)."""
    deadline = at + timedelta(hours=hours)
    return min(deadline, first_session) if first_session and first_session > at else deadline


def may_be_no_show(tallies: Attended) -> bool:
    """Tell whether somebody has missed the first sessions altogether (R39)."""
    came = tallies.sessions_present + tallies.sessions_late + tallies.sessions_excused
    return not came and tallies.sessions_absent + tallies.sessions_unmarked >= NO_SHOW_AFTER


def carry_over(attended: Iterable[tuple[Lesson, str, int]], sessions: Sequence[Lesson]) -> list[Carried]:
    """Match sessions attended in one cohort with those of another cohort of the same course, by their number.

    `attended` are session, mark and minutes; minutes never exceed those of the session they stand in for.
    """
    by_number = {each.number: each for each in sessions}
    return [
        Carried(old, new, status, min(minutes, new.minutes))
        for old, status, minutes in attended
        if status in ("present", "late") and (new := by_number.get(old.number)) is not None
    ]


def describe_left(left: timedelta) -> str:
    """Say how much time is left in at most two units, cut, never rounded up: "2 days 3 hours left"."""
    minutes = max(0, int(left.total_seconds() // 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    units = (
        (days, ngettext("%d day", "%d days", days)),
        (hours, ngettext("%d hour", "%d hours", hours)),
        (minutes, ngettext("%d minute", "%d minutes", minutes)),
    )
    first = next((n for n, (count, _text) in enumerate(units) if count), 2)
    words = [text % count for count, text in units[first : first + 2] if count or first == 2]
    return _("%s left") % " ".join(words)
