"""What was changed on a thing, as its page shows it: who, when, the old value and the new."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from audit.models import AuditEntry

SHOWN = 30
ACTS = {
    "cohort.auto_promote": lazy("Promotion from the line"),
    "cohort.capacity": lazy("Places"),
    "cohort.close": lazy("Closed"),
    "cohort.give_sessions": lazy("Sessions given"),
    "cohort.instructors": lazy("Instructors"),
    "cohort.reopen": lazy("Reopened"),
    "holiday.add": lazy("Entered"),
    "holiday.remove": lazy("Removed"),
    "holiday.rename": lazy("Renamed"),
    "instructor.invite": lazy("Invited"),
    "staff.set": lazy("Groups"),
    "timetable.change": lazy("Timetable"),
}
ENDINGS = {"save": lazy("Saved"), "retire": lazy("Retired"), "restore": lazy("Brought back")}


@dataclass(frozen=True)
class Change:
    """One value before and after, as text; an older line knows only what changed."""

    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    at: datetime
    by: str
    act: str
    about: str
    changes: list[Change]


def history_of(subject: Model | None) -> list[Line]:
    """Return the newest acts on one thing. One query."""
    if subject is None:
        return []
    found = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return read_lines(found)


def read_lines(entries: QuerySet[AuditEntry]) -> list[Line]:
    """Return audit entries as the history of a page shows them, newest first. One query."""
    return [_read(each) for each in entries.select_related("by").order_by("-id")[:SHOWN]]


def list_changes(changed: dict[str, list[Any]]) -> list[Change]:
    """Return `audit.services.compare` as a page shows it."""
    return [Change(_name(name), _say(old), _say(new)) for name, (old, new) in changed.items()]


def _read(entry: AuditEntry) -> Line:
    detail = entry.detail
    changed = detail.get("changed")
    if isinstance(changed, dict):
        changes = list_changes(changed)
    elif isinstance(changed, list):
        changes = [Change(_name(name), "", "") for name in changed]
    else:
        changes = list_changes({"": [detail["from"], detail["to"]]}) if {"from", "to"} <= set(detail) else []
    about = [str(detail[name]) for name in ("date", "name", "reason") if detail.get(name)]
    who = entry.by.get_full_name() if entry.by else _("the system")
    return Line(entry.at, who, _act(entry.act), ": ".join(about), changes)


def _act(act: str) -> str:
    return str(ACTS.get(act) or ENDINGS.get(act.rpartition(".")[2]) or act)


def _name(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _say(value: Any) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "; ".join(map(str, value)) if isinstance(value, list) else str(value)
