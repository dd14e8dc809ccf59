"""What the set-up pages ask; each form makes the entry that a file would hold, and its reader checks it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from cohorts.models import City, Mode
from courses.models import AttendancePolicy, Course

LINES = {"rows": 8, "spellcheck": "false"}


class ProgrammeForm(forms.Form):
    title = forms.CharField(label=_("Title"), max_length=120)
    title_ur = forms.CharField(label=_("Title in Urdu"), max_length=120, required=False)
    organisation = forms.CharField(label=_("Organisation"), max_length=120)
    seat_target = forms.IntegerField(label=_("Places in all"), min_value=1, max_value=1_000_000)
    starts_on = forms.DateField(label=_("Starts"), widget=forms.DateInput(attrs={"type": "date"}))


class CourseForm(forms.Form):
    code = forms.SlugField(label=_("Code"), max_length=12)
    title = forms.CharField(label=_("Title"), max_length=120)
    title_ur = forms.CharField(label=_("Title in Urdu"), max_length=120, required=False)
    contact_hours = forms.IntegerField(label=_("Contact hours"), min_value=1, max_value=10_000)
    session_minutes = forms.IntegerField(label=_("Minutes of a session"), min_value=1, max_value=1440, initial=180)
    language = forms.CharField(label=_("Language"), max_length=40, initial="English")
    modules = forms.CharField(
        label=_("Modules"),
        required=False,
        widget=forms.Textarea(attrs=LINES),
        help_text=_("One a line: hours, then the title, as “12 Python”. The hours add up to the contact hours."),
    )
    counted_by = forms.ChoiceField(label=_("Attendance is counted by"), choices=AttendancePolicy.CountedBy.choices)
    minimum_percent = forms.IntegerField(label=_("Minimum, %"), min_value=0, max_value=100, initial=75)
    inclusive = forms.BooleanField(label=_("Exactly the minimum is enough"), required=False, initial=True)
    late_weight_percent = forms.IntegerField(label=_("Late counts, %"), min_value=0, max_value=100, initial=50)
    late_after_minutes = forms.IntegerField(label=_("Late after, minutes"), min_value=0, max_value=600, initial=15)
    excused = forms.ChoiceField(label=_("Excused"), choices=AttendancePolicy.Excused.choices)
    assessments = forms.CharField(
        label=_("Assessments"),
        required=False,
        widget=forms.Textarea(attrs={**LINES, "rows": 4}),
        help_text=_("One a line: weight, then the name, as “30 Quiz”. A star marks what is required: “50 Project *”."),
    )
    pass_mark_percent = forms.IntegerField(label=_("Pass mark, %"), min_value=0, max_value=100, initial=60)

    def as_entry(self) -> dict[str, Any]:
        """Return the course as an entry of the courses file."""
        data = self.cleaned_data
        rule = {
            "counted_by": data["counted_by"],
            "min_attendance_percent": data["minimum_percent"],
            "inclusive": data["inclusive"],
            "late_weight_percent": data["late_weight_percent"],
            "late_after_minutes": data["late_after_minutes"],
            "excused": data["excused"],
            "pass_mark_percent": data["pass_mark_percent"],
            "assessments": [_assessment(line) for line in _lines(data["assessments"])],
        }
        names = ("code", "title", "title_ur", "contact_hours", "session_minutes", "language")
        modules = [_module(number, line) for number, line in enumerate(_lines(data["modules"]), 1)]
        return {**{name: data[name] for name in names}, "modules": modules, "completion_rule": rule}


class CohortForm(forms.Form):
    code = forms.RegexField(r"^[A-Za-z0-9][A-Za-z0-9-]*$", label=_("Code"), max_length=30)
    course = forms.ChoiceField(label=_("Course"))
    city = forms.ChoiceField(label=_("City"), choices=City.choices)
    mode = forms.ChoiceField(label=_("Held"), choices=Mode.choices)
    venue = forms.CharField(label=_("Venue"), max_length=160, required=False)
    room = forms.CharField(label=_("Room"), max_length=80, required=False)
    time_zone = forms.CharField(label=_("Time zone"), max_length=60, initial="Asia/Karachi")
    starts_on = forms.DateField(label=_("Starts"), widget=forms.DateInput(attrs={"type": "date"}))
    capacity = forms.IntegerField(label=_("Places"), min_value=1, max_value=100_000, initial=40)
    waitlist_limit = forms.IntegerField(label=_("Places in the line"), min_value=0, max_value=100_000, initial=10)
    pattern = forms.CharField(
        label=_("Weekly pattern"),
        widget=forms.Textarea(attrs={**LINES, "rows": 4}),
        help_text=_("One a line: MO 10:00-13:00. An end before the start is on the next day. Holidays are left out."),
    )
    instructors = forms.CharField(
        label=_("Instructors"),
        required=False,
        widget=forms.Textarea(attrs={**LINES, "rows": 3}),
        help_text=_("One a line: the e-mail address, then the name. Who has no account is invited by mail."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        courses = Course.objects.order_by("code").values_list("code", "title")
        self.fields["course"].choices = [(code, f"{code}: {title}") for code, title in courses]  # type: ignore[attr-defined]

    def as_entry(self) -> dict[str, Any]:
        """Return the cohort as an entry of the cohorts file."""
        data = self.cleaned_data
        names = ("code", "course", "city", "mode", "capacity", "waitlist_limit")
        return {
            **{name: data[name] for name in names},
            "venue": {"name": data["venue"], "room": data["room"]},
            "timezone": data["time_zone"],
            "start_date": data["starts_on"].isoformat(),
            "weekly_pattern": [_slot(line) for line in _lines(data["pattern"])],
            "instructors": [_person(line) for line in _lines(data["instructors"])],
        }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _module(number: int, line: str) -> dict[str, Any]:
    hours, _space, title = line.partition(" ")
    return {"no": number, "hours": int(hours) if hours.isdecimal() else hours, "title": title.strip()}


def _assessment(line: str) -> dict[str, Any]:
    weight, _space, name = line.partition(" ")
    return {
        "weight": int(weight) if weight.isdecimal() else weight,
        "name": name.strip().removesuffix("*").strip(),
        "required": name.rstrip().endswith("*"),
    }


def _slot(line: str) -> dict[str, str]:
    weekday, _space, times = line.partition(" ")
    start, _dash, end = times.replace("–", "-").partition("-")
    return {"weekday": weekday, "start": start.strip(), "end": end.strip()}


def _person(line: str) -> dict[str, str]:
    email, _space, name = line.partition(" ")
    return {"email": email.strip("<>,;"), "name": name.strip()}
