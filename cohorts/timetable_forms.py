"""Parsing what the office asks of timetables; each form knows the wish it stands for."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cohorts.models import Cohort, Mode, Session
from cohorts.services.schedule import AddSession, CancelSession, MoveSession, Place, SkipDates, SwitchPlace

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
LONGEST_SPAN = timedelta(days=60)


class DayField(forms.DateField):
    """A date within the years that a programme can be in."""

    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and not FIRST <= day <= LAST:
            raise ValidationError(_("Give a date between 2000 and 2100."), code="out_of_range")
        return day


class ClockField(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **options)


class PlaceFields(forms.Form):
    """Where a session is held."""

    mode = forms.ChoiceField(label=_("Held"), choices=Mode.choices)
    venue = forms.CharField(
        label=_("Venue"), max_length=160, required=False, widget=forms.TextInput(attrs={"list": "known-venues"})
    )
    room = forms.CharField(
        label=_("Room"), max_length=80, required=False, widget=forms.TextInput(attrs={"list": "known-rooms"})
    )
    link = forms.URLField(label=_("Link to join"), max_length=300, required=False, assume_scheme="https")

    @property
    def place(self) -> Place:
        return Place(*(self.cleaned_data[name] for name in ("mode", "venue", "room", "link")))


class ReasonFields(forms.Form):
    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("Everybody who is told reads this.")
    )


class SessionForm(PlaceFields, ReasonFields):
    """Date, times and place of one session; an end that is not later than the start is on the next day."""

    date = DayField(label=_("Date"))
    start = ClockField(label=_("From"))
    end = ClockField(label=_("To"))
    insist = forms.BooleanField(label=_("Hold it although the date is a holiday"), required=False)
    field_order = ("date", "start", "end", "mode", "venue", "room", "link", "reason", "insist")

    @staticmethod
    def initial_of(session: Session) -> dict[str, Any]:
        times = {"date": session.date, "start": session.start_time, "end": session.end_time}
        return {**times, **{name: getattr(session, name) for name in ("mode", "venue", "room", "link")}}

    def move(self, session: Session) -> MoveSession:
        return MoveSession(session.pk, *self._times, self.place)

    def add(self) -> AddSession:
        return AddSession(*self._times, self.place)

    @property
    def _times(self) -> tuple[Any, Any, Any]:
        return self.cleaned_data["date"], self.cleaned_data["start"], self.cleaned_data["end"]


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=200, help_text=_("Everybody who is told reads this."))

    def cancel(self, session: Session) -> CancelSession:
        return CancelSession(session.pk, self.cleaned_data["reason"])


class DatesForm(ReasonFields):
    """A span of days without classes."""

    first = DayField(label=_("No classes from"))
    last = DayField(label=_("to"), required=False, help_text=_("Leave empty for one day."))
    field_order: Iterable[str] = ("first", "last", "reason")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last") or data.get("first")
        if first and last and last < first:
            self.add_error("last", ValidationError(_("The last day is before the first."), code="order"))
        elif first and last and last - first > LONGEST_SPAN:
            self.add_error("last", ValidationError(_("Take at most two months at once."), code="too_long"))
        return data

    @property
    def dates(self) -> tuple[date, ...]:
        return tuple(_days(self.cleaned_data["first"], self.cleaned_data.get("last") or self.cleaned_data["first"]))

    @property
    def wish(self) -> SkipDates:
        return SkipDates(self.dates)


class SwitchForm(PlaceFields, ReasonFields):
    """Another place from a date on."""

    from_date = DayField(label=_("From this date on"))
    field_order: Iterable[str] = ("from_date", "mode", "venue", "room", "link", "reason")

    @property
    def wish(self) -> SwitchPlace:
        return SwitchPlace(self.cleaned_data["from_date"], self.place)


class WhichCohorts(forms.Form):
    """Which cohorts an act on the whole programme concerns."""

    only = forms.ChoiceField(label=_("Cohorts"), required=False, choices=[("", _("All that run then")), *Mode.choices])

    def cohorts(self, since: date) -> list[Cohort]:
        """Return the cohorts that are not closed and go on after `since`. One query."""
        found = Cohort.objects.exclude(state=Cohort.State.CLOSED).filter(ends_on__gte=since)
        if self.cleaned_data["only"]:
            found = found.filter(mode=self.cleaned_data["only"])
        return list(found.select_related("course__programme").order_by("starts_on", "code"))


class ProgrammeDatesForm(WhichCohorts, DatesForm):
    """Days without classes for the whole programme."""

    holiday_name = forms.CharField(
        label=_("Enter them as holidays called"),
        max_length=120,
        required=False,
        help_text=_("So that later timetables pass over them too. Leave empty to enter none."),
    )
    field_order = ("first", "last", "holiday_name", "only", "reason")

    @property
    def since(self) -> date:
        day: date = self.cleaned_data["first"]
        return day


class ProgrammeSwitchForm(WhichCohorts, SwitchForm):
    """Another place for the whole programme, from a date on."""

    field_order = ("from_date", "mode", "venue", "room", "link", "only", "reason")

    @property
    def since(self) -> date:
        day: date = self.cleaned_data["from_date"]
        return day


class HolidayForm(forms.Form):
    date = DayField(label=_("Date"))
    name = forms.CharField(label=_("Name"), max_length=120)


class HolidayNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)
