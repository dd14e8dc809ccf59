"""Reader of the courses file (JSON): file -> typed rows, no database."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

FIRST, LAST = date(2000, 1, 1), date(2100, 1, 1)
COUNTED_BY = ("minutes", "sessions")
SIZE_LIMIT = 20 * 1024 * 1024


class UnreadableEntry(ValidationError):
    """An entry of the file cannot be used; the whole file is refused, so that nothing half-done is kept."""

    def __init__(self, entry: str, field: str, remedy: str) -> None:
        super().__init__(f"{entry}: {field}: {remedy}", code="unreadable_entry")
        self.field, self.remedy = field, remedy


@dataclass(frozen=True)
class AssessmentRow:
    name: str
    weight: int
    points: int = 100
    required: bool = False


@dataclass(frozen=True)
class PolicyRow:
    counted_by: str
    minimum_percent: int
    inclusive: bool = True
    late_weight_percent: int = 50
    late_after_minutes: int = 15
    excused: str = "out"
    minimum_share_percent: int = 10
    unmarked_becomes: str = "absent"
    pass_mark_percent: int | None = None
    assessments: tuple[AssessmentRow, ...] = ()


@dataclass(frozen=True)
class ProgrammeRow:
    code: str
    title: str
    title_ur: str
    description: str
    organisation: str
    number_prefix: str
    seat_target: int
    starts_on: date
    certificate_valid_months: int | None = None  # not in the file: what is set stays


@dataclass(frozen=True)
class CourseRow:
    code: str
    title: str
    title_ur: str
    contact_hours: int
    session_minutes: int
    language: str
    delivery: list[str]
    prerequisites: list[str]
    categories: list[str] | None  # who may register; None leaves what stands
    earliest_graduation_year: int | None
    minimum_age: int | None
    completion_rule: dict[str, Any]
    modules: list[tuple[int, str, int]]
    policy: PolicyRow


def load_json(path: Path) -> Any:
    """Read a JSON file with or without byte order mark. Raises ValidationError that names the line."""
    try:
        if path.stat().st_size > SIZE_LIMIT:
            raise ValidationError(_("The file is larger than 20 MB."), code="too_large")
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        text = _("%(file)s is not JSON: %(why)s in line %(line)d.")
        raise ValidationError(text % {"file": path.name, "why": error.msg, "line": error.lineno}, code="json") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ValidationError(_("%(file)s cannot be read: %(why)s.") % {"file": path.name, "why": error}) from None


def entries_of(document: Any, name: str) -> list[dict[str, Any]]:
    """Return the list `name` of a document (or the document, when it is the list itself)."""
    found = document.get(name) if isinstance(document, dict) else document
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise UnreadableEntry(_("the file"), name, _("must be a list of objects"))
    return found


class Fields:
    """The fields of one entry, each read as what it must be; errors name the entry and the field."""

    def __init__(self, entry: dict[str, Any], position: int, kind: str) -> None:
        self.entry = entry
        self.name = f"{kind} {entry.get('code') or position}"

    def text(self, field: str, default: str | None = None, limit: int = 160) -> str:
        value = self.entry.get(field, default)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or (not value.strip() and default is None):
            raise self.wrong(field, _("give a text"))
        if len(value) > limit:
            raise self.wrong(field, _("at most %d characters") % limit)
        return value.replace("\x00", "").strip()

    def number(self, field: str, default: int | None = None, least: int = 0, most: int = 1_000_000) -> int:
        value = self.entry.get(field, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise self.wrong(field, _("give a whole number"))
        if not least <= value <= most:
            raise self.wrong(field, _("must lie between %(least)d and %(most)d") % {"least": least, "most": most})
        return int(value)

    def number_or_none(self, field: str, least: int, most: int) -> int | None:
        return None if self.entry.get(field) is None else self.number(field, least=least, most=most)

    def truth(self, field: str, default: bool) -> bool:
        value = self.entry.get(field)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(field, _("give true or false"))
        return value

    def texts(self, field: str) -> list[str]:
        value = self.entry.get(field) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(field, _("give a list of texts"))
        return value

    def day(self, field: str) -> date:
        try:
            day = date.fromisoformat(str(self.entry.get(field)))
        except ValueError:
            raise self.wrong(field, _("give a date as 2020-05-04")) from None
        if not FIRST <= day <= LAST:
            raise self.wrong(field, _("give a date between 2000 and 2100"))
        return day

    def wrong(self, field: str, remedy: str) -> UnreadableEntry:
        return UnreadableEntry(self.name, field, remedy)


def read_programme(document: Any) -> ProgrammeRow:
    """Return the programme of the file; a file without one describes the demonstration's."""
    given = document.get("programme") if isinstance(document, dict) else None
    fields = Fields(given if isinstance(given, dict) else {}, 1, "programme")
    has_expiry = fields.entry.get("certificate_valid_months") is not None
    return ProgrammeRow(
        code=fields.text("code", "tet-2020", 30),
        title=fields.text("title", "Training in Emerging Technologies 2020", 120),
        title_ur=fields.text("title_ur", "ابھرتی ہوئی ٹیکنالوجیز کی تربیت 2020", 120),
        description=fields.text("description", "", 2000),
        organisation=fields.text("organisation", "Software Export Board", 120),
        number_prefix=fields.text("number_prefix", "PSEB-20", 20),
        seat_target=fields.number("seat_target", 2000, least=1),
        starts_on=fields.day("starts_on") if fields.entry.get("starts_on") else date(2020, 5, 4),
        certificate_valid_months=fields.number("certificate_valid_months", least=1, most=600) if has_expiry else None,
    )


def read_courses(document: Any) -> list[CourseRow]:
    """Return the courses of a document. Raises UnreadableEntry at the first wrong field."""
    entries = entries_of(document, "courses")
    rows = [_read_course(Fields(entry, position, "course")) for position, entry in enumerate(entries, 1)]
    codes = [row.code for row in rows]
    for code in codes:
        if codes.count(code) > 1:
            raise UnreadableEntry(f"course {code}", "code", _("stands twice in the file"))
    return rows


def _read_course(fields: Fields) -> CourseRow:
    hours = fields.number("contact_hours", least=1, most=10_000)
    modules = fields.entry.get("modules") or []
    if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
        raise fields.wrong("modules", _("give a list of objects"))
    parts = []
    for position, module in enumerate(modules, 1):
        inner = Fields(module, position, f"{fields.name} module")
        parts.append((inner.number("no", position, least=1), inner.text("title"), inner.number("hours", least=0)))
    if parts and sum(part[2] for part in parts) != hours:
        remedy = _("the modules have %(sum)d hours, the contact hours are %(hours)d; make them agree")
        raise fields.wrong("modules", remedy % {"sum": sum(part[2] for part in parts), "hours": hours})
    return CourseRow(
        code=fields.text("code", limit=12),
        title=fields.text("title", limit=120),
        title_ur=fields.text("title_ur", "", 120),
        contact_hours=hours,
        session_minutes=fields.number("session_minutes", 180, least=1, most=1440),
        language=fields.text("language", "English", 40),
        delivery=fields.texts("delivery"),
        prerequisites=fields.texts("prerequisites"),
        categories=_read_categories(fields),
        earliest_graduation_year=fields.number_or_none("earliest_graduation_year", least=1950, most=2100),
        minimum_age=fields.number_or_none("minimum_age", least=1, most=100),
        completion_rule=fields.entry.get("completion_rule") or {},
        modules=parts,
        policy=_read_policy(fields),
    )


def _read_categories(fields: Fields) -> list[str] | None:
    if fields.entry.get("categories") is None:
        return None
    found = fields.texts("categories")
    if not set(found) <= {"graduate", "professional"}:
        raise fields.wrong("categories", _("must be a list of graduate, professional"))
    return found


def _read_policy(fields: Fields) -> PolicyRow:
    rule = fields.entry.get("completion_rule") or {}
    if not isinstance(rule, dict):
        raise fields.wrong("completion_rule", _("give an object"))
    inner = Fields(rule, 1, fields.name + " completion_rule")
    inner.name = fields.name + " completion_rule"
    said = inner.text("counted_by", "minutes", 300).lower()
    counted_by = next((each for each in COUNTED_BY if said.startswith(each[:-1])), None)
    if counted_by is None:
        raise inner.wrong("counted_by", _("must begin with minutes or sessions"))
    excused = inner.text("excused", "out", 10)
    if excused not in ("out", "present", "absent"):
        raise inner.wrong("excused", _("must be out, present or absent"))
    unmarked_becomes = inner.text("unmarked_becomes", "absent", 10)
    if unmarked_becomes not in ("absent", "excused", "present"):
        raise inner.wrong("unmarked_becomes", _("must be absent, excused or present"))
    assessments = _read_assessments(inner)
    return PolicyRow(
        counted_by=counted_by,
        minimum_percent=inner.number("min_attendance_percent", 75, most=100),
        inclusive=inner.truth("inclusive", True),
        late_weight_percent=inner.number("late_weight_percent", 50, most=100),
        late_after_minutes=inner.number("late_after_minutes", 15, most=600),
        minimum_share_percent=inner.number("minimum_share_percent", 10, most=100),
        excused=excused,
        unmarked_becomes=unmarked_becomes,
        pass_mark_percent=inner.number("pass_mark_percent", 0, most=100) if assessments else None,
        assessments=assessments,
    )


def _read_assessments(rule: Fields) -> tuple[AssessmentRow, ...]:
    """Read the weighted assessments; the required project is the one marked so, or called so."""
    given = rule.entry.get("assessments") or []
    if not isinstance(given, list) or not all(isinstance(each, dict) for each in given):
        raise rule.wrong("assessments", _("give a list of objects"))
    wants_project = rule.truth("final_project_required", False)
    rows = []
    for position, entry in enumerate(given, 1):
        fields = Fields(entry, position, f"{rule.name} assessment")
        name = fields.text("name", limit=80)
        called_so = wants_project and "project" in name.casefold()
        weight = fields.number("weight", least=0, most=1000)
        points = fields.number("points", 100, least=1, most=10_000)
        rows.append(AssessmentRow(name, weight, points, fields.truth("required", called_so)))
    check_assessments(rows, rule)
    if wants_project and not any(row.required for row in rows):
        raise rule.wrong("final_project_required", _("mark one assessment as required, or name it a project"))
    return tuple(rows)


def check_assessments(rows: list[AssessmentRow], rule: Fields) -> None:
    """Refuse assessments that share a name or weigh nothing together."""
    names = [row.name.casefold() for row in rows]
    if len(set(names)) < len(names):
        raise rule.wrong("assessments", _("give each assessment a name of its own"))
    if rows and not sum(row.weight for row in rows):
        raise rule.wrong("assessments", _("give at least one assessment a weight above 0"))
