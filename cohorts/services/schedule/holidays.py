"""Days without classes, as data (R24)."""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, Holiday, Session
from cohorts.services.errors import Conflict
from trainees.models import User


class HolidayExists(Conflict):
    def __init__(self, holiday: Holiday) -> None:
        text = _("%(date)s is a holiday already: %(name)s.") % {"date": holiday.date, "name": holiday.name}
        super().__init__({"date": ValidationError(text, code="holiday_exists")})


class HolidayInUse(Conflict):
    """Timetables were laid around this day, so that it cannot be taken away unseen."""

    def __init__(self, holiday: Holiday, codes: list[str]) -> None:
        text = _("Timetables were laid around %(date)s: %(codes)s. Rename it instead, or add sessions there first.")
        super().__init__(text % {"date": holiday.date, "codes": ", ".join(codes[:10])}, code="holiday_in_use")


@transaction.atomic
def save_holidays(*, days: dict[date, str]) -> None:
    """Add or rename holidays; one that the list lacks is kept."""
    rows = [Holiday(date=day, name=name) for day, name in days.items()]
    Holiday.objects.bulk_create(rows, update_conflicts=True, unique_fields=["date"], update_fields=["name"])


@transaction.atomic
def add_holiday(*, day: date, name: str, by: User | None, at: datetime) -> Holiday:
    """Enter a day without classes. Sessions that stand on it are moved by an act of their own. Raises HolidayExists."""
    if standing := Holiday.objects.filter(date=day).first():
        raise HolidayExists(standing)
    holiday = Holiday.objects.create(date=day, name=name)
    record(act="holiday.add", by=by, at=at, subject=holiday, detail={"date": day.isoformat(), "name": name})
    return holiday


@transaction.atomic
def rename_holiday(*, holiday: Holiday, name: str, by: User | None, at: datetime) -> Holiday:
    """Give a holiday another name; the same name changes nothing."""
    if holiday.name == name:
        return holiday
    before, holiday.name = holiday.name, name
    holiday.save(update_fields=["name"])
    record(act="holiday.rename", by=by, at=at, subject=holiday, detail={"from": before, "to": name})
    return holiday


@transaction.atomic
def remove_holiday(*, holiday: Holiday, by: User | None, at: datetime) -> None:
    """Take a holiday away that no timetable was laid around. Raises HolidayInUse with the cohorts' codes."""
    if codes := cohorts_around(holiday.date):
        raise HolidayInUse(holiday, codes)
    record(act="holiday.remove", by=by, at=at, subject=holiday, detail={"date": holiday.date.isoformat()})
    holiday.delete()


def cohorts_around(day: date) -> list[str]:
    """Return the codes of cohorts whose run spans `day` and whose pattern would meet on it. One query."""
    weekday = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")[day.weekday()]
    spanning = Cohort.objects.filter(starts_on__lte=day, ends_on__gte=day).order_by("code")
    return [
        code
        for code, pattern in spanning.values_list("code", "weekly_pattern")
        if any(slot["weekday"] == weekday for slot in pattern)
    ]


def sessions_on(days: Iterable[date]) -> list[Session]:
    """Return the planned sessions on these dates, with their cohorts, in the order of time. One query."""
    found = Session.objects.filter(date__in=list(days), state=Session.State.PLANNED)
    return list(found.exclude(cohort__state=Cohort.State.CLOSED).select_related("cohort").order_by("starts_at", "id"))
