"""What the set-up pages ask of a cohort: made new, changed, given to instructors."""

import re
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from cohorts.imports.cohorts_file import WEEKDAYS
from cohorts.models import City, Cohort, Mode, Room, Session
from cohorts.timetable_forms import DayField
from courses.models import Course
from portal.setup.forms import LinesField, match, refuse_new
from trainees.models import User
from trainees.rules import clean_text, read_email, require
from trainees.widgets import LongSelect

SLOT = re.compile(r"^([A-Za-z]+)\s+(\d{1,2}[:.]\d{2})\s*[-–—]\s*(\d{1,2}[:.]\d{2})$")
OFFERED = 24  # instructors as choices at once
ANYWHERE = ("", _("Not fixed yet"))


def read_slot(line: str) -> dict[str, str]:
    """Return one weekly meeting of a line as “MO 10:00-13:00”."""
    day, start, end = match(SLOT, line, _("write the day and the times, as “MO 10:00-13:00”."))
    weekday = day[:2].upper()
    if weekday not in WEEKDAYS:
        raise ValidationError(_("the day is one of MO, TU, WE, TH, FR, SA, SU."), code="weekday")
    if _clock(start) == _clock(end):
        raise ValidationError(_("it ends when it begins."), code="no_length")
    return {"weekday": weekday, "start": _clock(start), "end": _clock(end)}


def _clock(text: str) -> str:
    hour, minute = (int(part) for part in re.split("[:.]", text))
    try:
        return f"{time(hour, minute):%H:%M}"
    except ValueError:
        raise ValidationError(_("a time lies between 00:00 and 23:59."), code="time") from None


def read_person(line: str) -> dict[str, str]:
    """Return the address and name of a line as “hira@example.org Hira Latif”."""
    email, _space, name = line.partition(" ")
    return {"email": str(require(read_email(email.strip("<>,;")))), "name": clean_text(name, 120)}


class MomentField(forms.DateTimeField):
    """A moment of the cohort's own clock: the form that holds it gives it the zone (R22)."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, required=False, **options)


class RegistrationWindow(forms.Form):
    """When the public may register; both ends may be left open."""

    registration_opens_at = MomentField(label=_("Registration opens"), help_text=_("Empty: at once."))
    registration_closes_at = MomentField(
        label=_("Registration closes"), help_text=_("Empty: when the cohort is closed.")
    )

    def read_window(self, data: dict[str, Any], zone: str) -> None:
        """Put both moments into the cohort's zone; the end lies after the beginning."""
        for name in ("registration_opens_at", "registration_closes_at"):
            if isinstance(moment := data.get(name), datetime):
                data[name] = moment.replace(tzinfo=ZoneInfo(zone))
        opens, closes = data.get("registration_opens_at"), data.get("registration_closes_at")
        if opens and closes and closes <= opens:
            self.add_error("registration_closes_at", ValidationError(_("It closes before it opens."), code="order"))


class PlaceChoice(forms.Form):
    """Held where: online, or in a city and one of its rooms."""

    mode = forms.ChoiceField(label=_("Held"), choices=Mode.choices)
    city = forms.ChoiceField(label=_("City"), choices=City.choices)
    place = forms.ChoiceField(label=_("Venue and room"), required=False, widget=LongSelect)

    def offer_rooms(self, rooms: list[Room]) -> None:
        self.rooms = {str(room.pk): room for room in rooms}
        field: Any = self.fields["place"]
        field.choices = [ANYWHERE, *((key, describe_room(room)) for key, room in self.rooms.items())]

    def check_place(self, data: dict[str, Any]) -> None:
        """A room is for a classroom, and lies in the city."""
        room = self.rooms.get(data.get("place") or "")
        if room and data.get("mode") == Mode.ONLINE:
            self.add_error("place", ValidationError(_("An online cohort has no room."), code="online"))
        elif room and room.venue.city != data.get("city"):
            text = _("%(venue)s is in %(city)s; choose that city, or another room.")
            values = {"venue": room.venue.name, "city": room.venue.get_city_display()}
            self.add_error("place", ValidationError(text, code="city", params=values))


class CohortForm(PlaceChoice, RegistrationWindow):
    code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]*$",
        label=_("Code"),
        max_length=30,
        validators=[refuse_new],
        help_text=_("Letters, digits and hyphens, as AI-LHE-01."),
        error_messages={"invalid": _("Use letters, digits and hyphens only.")},
    )
    course = forms.ChoiceField(label=_("Course"))
    starts_on = DayField(label=_("Starts"))
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, initial="Asia/Karachi")
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=100_000, initial=40)
    waitlist_limit = forms.IntegerField(label=_("Places in the line"), min_value=0, max_value=100_000, initial=10)
    pattern = LinesField(
        read_slot,
        rows=4,
        label=_("Weekly pattern"),
        help_text=_(
            "One a line: MO 10:00-13:00. An end before the start is on the next day. Holidays are left out; "
            "the pattern goes on until the hours of the course are reached."
        ),
    )
    find = forms.CharField(label=_("Find an instructor"), required=False, max_length=200)
    teachers = forms.MultipleChoiceField(label=_("Instructors"), required=False, widget=forms.CheckboxSelectMultiple)
    instructors = LinesField(
        read_person,
        rows=3,
        label=_("Further instructors"),
        required=False,
        help_text=_("One a line: the e-mail address, then the name. Who has no account is invited by mail."),
    )
    field_order = (
        *("code", "course", "mode", "city", "place", "starts_on", "time_zone", "pattern", "capacity"),
        *("waitlist_limit", "registration_opens_at", "registration_closes_at", "find", "teachers", "instructors"),
    )

    def __init__(self, *args: Any, rooms: list[Room], teachers: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        courses = Course.objects.offered().order_by("code").values_list("code", "title")
        fields["course"].choices = [("", _("Choose")), *((code, f"{code}: {title}") for code, title in courses)]
        self.offer_rooms(rooms)
        chosen = set(self["teachers"].value() or ())
        named = sorted(teachers, key=lambda each: each.email not in chosen)  # the chosen first
        fields["teachers"].choices = [(each.email, _name(each, teachers)) for each in named]
        if not (len(teachers) >= OFFERED or self["find"].value()):  # fewer are all there are
            del fields["find"]
        if not teachers:
            del fields["teachers"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.check_place(data)
        self.read_window(data, data.get("time_zone") or "UTC")
        return data

    def clean_time_zone(self) -> str:
        name = str(self.cleaned_data["time_zone"])
        if name not in available_timezones():
            raise ValidationError(_("This is no time zone; give a name such as Asia/Karachi."), code="zone")
        return name

    def as_entry(self) -> dict[str, Any]:
        """Return the cohort as an entry of the cohorts file."""
        data = self.cleaned_data
        room = self.rooms.get(data["place"])
        names = ("code", "course", "city", "mode", "capacity", "waitlist_limit")
        known = [{"email": email, "name": ""} for email in data.get("teachers", [])]
        return {
            **{name: data[name] for name in names},
            "venue": {"name": room.venue.name, "room": room.name} if room else None,
            "timezone": data["time_zone"],
            "start_date": data["starts_on"].isoformat(),
            "weekly_pattern": data["pattern"],
            "instructors": known + data["instructors"],
        }

    @property
    def window(self) -> dict[str, Any]:
        """Return what the cohorts file does not hold."""
        return {name: self.cleaned_data[name] for name in RegistrationWindow.base_fields}


class CohortChangeForm(RegistrationWindow):
    """What can be changed of a standing cohort; its sessions are moved on the timetable."""

    waitlist_limit = forms.IntegerField(label=_("Places in the line"), min_value=0, max_value=100_000)
    field_order = ("registration_opens_at", "registration_closes_at", "waitlist_limit")

    def __init__(self, data: Any, *, cohort: Cohort) -> None:
        self.zone = cohort.time_zone
        stands = {name: getattr(cohort, name) for name in CohortChangeForm.base_fields}
        for name, value in stands.items():
            if isinstance(value, datetime):
                stands[name] = value.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)
        super().__init__(data, initial=stands)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self.read_window(data, self.zone)
        return data


class InstructorForm(forms.Form):
    email = forms.CharField(label=_("E-mail"), max_length=320)
    name = forms.CharField(label=_("Name"), max_length=120, required=False)

    def clean_email(self) -> str:
        return str(require(read_email(self.cleaned_data["email"])))


def _name(user: User, among: list[User]) -> str:
    """Return how a person is called among others; namesakes are told apart by their address."""
    name = user.get_full_name()
    return f"{name} ({user.email})" if sum(each.get_full_name() == name for each in among) > 1 else name


def describe_room(room: Room) -> str:
    """Say a room as a choice: city, house, room, seats."""
    seats = str(_("%d seats")) % room.seats if room.seats else ""
    said = ", ".join(part for part in (room.venue.name, room.name) if part)
    return f"{room.venue.get_city_display()}: {said}" + (f" ({seats})" if seats else "")


def read_holders(data: Any, sessions: list[Session]) -> dict[int, list[int]]:
    """Return who is ticked for each session that the page showed; what is no number names nobody known."""
    return {
        each.pk: [int(value) if value.isdecimal() and len(value) < 12 else 0 for value in data.getlist(f"s-{each.pk}")]
        for each in sessions
        if f"shown-{each.pk}" in data
    }
