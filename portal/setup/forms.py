"""What the set-up pages ask of programme, course and venue; each answer is read where it was typed."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cohorts.models import City
from cohorts.timetable_forms import DayField
from courses.models import AttendancePolicy
from trainees.rules import ascii_digits, drop_invisible

LINES = {"rows": 8, "spellcheck": "false"}
MODULE = re.compile(r"^(\d{1,5})\s*(?:h\b)?\s+(\S.*)$")
ASSESSMENT = re.compile(r"^(\d{1,4})\s+(\S.*?)(?:\s*\((\d{1,5}) points?\))?\s*(\*?)$")
ROOM = re.compile(r"^(?:(\d{1,5})\s+)?(\S.*)$")


class TextField(forms.CharField):
    """A text without what nobody sees and nobody typed, such as signs that turn the direction of what follows."""

    def to_python(self, value: Any) -> str:
        return drop_invisible(str(super().to_python(value)), but="\u200c\u200d\r\n\t").strip()


class LinesField(TextField):
    """One thing a line; `read` makes of each line what is meant, and the error names the line."""

    def __init__(self, read: Callable[[str], Any], rows: int = 8, **options: Any) -> None:
        self.read = read
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false"})
        super().__init__(widget=widget, max_length=20_000, **options)

    def clean(self, value: Any) -> list[Any]:
        lines = [line.strip() for line in super().clean(value).splitlines() if line.strip()]
        found, faults = [], []
        for number, line in enumerate(lines, 1):
            try:
                found.append(self.read(ascii_digits(line)))
            except ValidationError as error:
                faults.append(_now("Line %(n)d: %(why)s") % {"n": number, "why": error.messages[0]})
        if faults:
            raise ValidationError(faults, code="lines")
        return found


def match(pattern: re.Pattern[str], line: str, remedy: Any) -> tuple[str, ...]:
    """Return the parts of a line. Raises ValidationError with the remedy."""
    found = pattern.match(line)
    if found is None:
        raise ValidationError(str(remedy), code="line")
    return tuple(part or "" for part in found.groups())


def read_module(line: str) -> dict[str, Any]:
    hours, title = match(MODULE, line, _("begin with the hours, then the title, as “12 Python”."))
    if len(title) > 160:
        raise ValidationError(_("a title has at most 160 characters."), code="long")
    return {"hours": int(hours), "title": title}


def read_assessment(line: str) -> dict[str, Any]:
    weight, name, points, star = match(
        ASSESSMENT, line, _("begin with the weight, then the name, as “30 Quiz (20 points) *”.")
    )
    if len(name) > 80:
        raise ValidationError(_("a name has at most 80 characters."), code="long")
    if not name.strip("* "):
        raise ValidationError(_("give the assessment a name."), code="line")
    return {"weight": int(weight), "name": name, "points": int(points or 100), "required": bool(star)}


def read_room(line: str) -> tuple[str, int | None]:
    seats, name = match(ROOM, line, _("give the seats, then the name, as “30 Lab 1”."))
    if len(name) > 80:
        raise ValidationError(_("a name has at most 80 characters."), code="long")
    if name.startswith(("-", "−")) and name[1:].lstrip()[:1].isdigit():
        raise ValidationError(_("give the seats, then the name, as “30 Lab 1”."), code="line")
    if seats and not int(seats):
        raise ValidationError(_("a room has at least one seat."), code="seats")
    return name, int(seats) if seats else None


def refuse_new(code: str) -> None:
    """Keep the word that the address of a new thing needs."""
    if code.lower() == "new":
        raise ValidationError(_now("“new” cannot be a code."), code="reserved")


class ProgrammeForm(forms.Form):
    code = forms.SlugField(
        validators=[refuse_new], label=_("Code"), max_length=30, help_text=_("For addresses, as tet-2020. It stays.")
    )
    title = TextField(label=_("Title"), max_length=120)
    title_ur = TextField(label=_("Title in Urdu"), max_length=120, required=False)
    organisation = TextField(label=_("Organisation"), max_length=120)
    description = TextField(
        label=_("Description"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    number_prefix = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]*$",
        label=_("Trainee numbers begin with"),
        max_length=20,
        help_text=_("Letters, digits and hyphens, as PSEB-20. Numbers that stand do not change."),
        error_messages={"invalid": _("Use letters, digits and hyphens only.")},
    )
    seat_target = forms.IntegerField(label=_("Places in all"), min_value=1, max_value=1_000_000)
    starts_on = DayField(label=_("Starts"))
    certificate_valid_months = forms.IntegerField(
        label=_("Certificates are valid for, months"),
        min_value=1,
        max_value=600,
        required=False,
        help_text=_("Empty: for life."),
    )


class CourseForm(forms.Form):
    code = forms.SlugField(
        label=_("Code"), max_length=12, validators=[refuse_new], help_text=_("Short, as AI. It stays.")
    )
    title = TextField(label=_("Title"), max_length=120)
    title_ur = TextField(label=_("Title in Urdu"), max_length=120, required=False)
    language = TextField(label=_("Language"), max_length=40, initial="English")
    contact_hours = forms.IntegerField(label=_("Contact hours"), min_value=1, max_value=10_000)
    session_minutes = forms.IntegerField(label=_("Minutes of a session"), min_value=1, max_value=1440, initial=180)
    modules = LinesField(
        read_module,
        label=_("Modules"),
        required=False,
        help_text=_("One a line: hours, then the title, as “12 Python”. The hours add up to the contact hours."),
    )
    prerequisites = TextField(
        label=_("Prerequisites"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line."),
    )
    categories = forms.MultipleChoiceField(
        label=_("Who may register"),
        choices=[("graduate", _("Fresh graduates")), ("professional", _("Working professionals"))],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: both."),
    )
    earliest_graduation_year = forms.IntegerField(
        label=_("Graduated not before"), min_value=1950, max_value=2100, required=False
    )
    minimum_age = forms.IntegerField(label=_("Age at least, years"), min_value=1, max_value=100, required=False)
    counted_by = forms.ChoiceField(label=_("Attendance is counted by"), choices=AttendancePolicy.CountedBy.choices)
    minimum_percent = forms.IntegerField(label=_("Minimum, %"), min_value=0, max_value=100, initial=75)
    inclusive = forms.BooleanField(label=_("Exactly the minimum is enough"), required=False, initial=True)
    late_after_minutes = forms.IntegerField(label=_("Late after, minutes"), min_value=0, max_value=600, initial=15)
    late_weight_percent = forms.IntegerField(
        label=_("Late counts, %"),
        min_value=0,
        max_value=100,
        initial=50,
        help_text=_("Where sessions are counted; where minutes are, the minutes attended count."),
    )
    minimum_share_percent = forms.IntegerField(
        label=_("Present from, % of a session"), min_value=0, max_value=100, initial=10
    )
    excused = forms.ChoiceField(label=_("Excused"), choices=AttendancePolicy.Excused.choices)
    unmarked_becomes = forms.ChoiceField(
        label=_("Unmarked at closing becomes"), choices=AttendancePolicy.Unmarked.choices
    )
    assessments = LinesField(
        read_assessment,
        rows=4,
        label=_("Assessments"),
        required=False,
        help_text=_(
            "One a line: weight, name, points if not 100, and a star if required, as “50 Project (40 points) *”."
        ),
    )
    pass_mark_percent = forms.IntegerField(label=_("Pass mark, %"), min_value=0, max_value=100, initial=60)

    def as_entry(self) -> dict[str, Any]:
        """Return the course as an entry of the courses file."""
        data = self.cleaned_data
        policy = ("counted_by", "inclusive", "late_weight_percent", "late_after_minutes", "excused")
        more = ("minimum_share_percent", "unmarked_becomes", "pass_mark_percent", "assessments")
        rule = {name: data[name] for name in (*policy, *more)} | {"min_attendance_percent": data["minimum_percent"]}
        names = ("code", "title", "title_ur", "contact_hours", "session_minutes", "language", "categories")
        limits = ("earliest_graduation_year", "minimum_age")
        modules = [{"no": number, **module} for number, module in enumerate(data["modules"], 1)]
        needs = [line.strip() for line in data["prerequisites"].splitlines() if line.strip()]
        entry = {name: data[name] for name in (*names, *limits)}
        return {**entry, "prerequisites": needs, "modules": modules, "completion_rule": rule}


class VenueForm(forms.Form):
    city = forms.ChoiceField(label=_("City"), choices=[each for each in City.choices if each[0] != City.ONLINE])
    name = TextField(label=_("Name"), max_length=160)
    address = TextField(label=_("Address"), max_length=300, required=False)
    map_url = forms.URLField(
        label=_("Address of a map"),
        max_length=300,
        required=False,
        assume_scheme="https",
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("A link, shown beside the address."),
    )
    rooms = LinesField(
        read_room,
        rows=5,
        label=_("Rooms"),
        required=False,
        help_text=_("One a line: seats, then the name, as “30 Lab 1”. A room that you leave out is retired."),
    )

    def clean_rooms(self) -> dict[str, int | None]:
        rooms: dict[str, int | None] = {}
        for name, seats in self.cleaned_data["rooms"]:
            if name.lower() in {each.lower() for each in rooms}:
                raise ValidationError(_("%(name)s is named twice."), code="twice", params={"name": name})
            rooms[name] = seats
        return rooms
