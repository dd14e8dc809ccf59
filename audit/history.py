"""What was changed on a thing, as its page shows it: who, when, the old value and the new."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from audit.models import AuditEntry

SHOWN = 30
Words = dict[str, tuple[str, dict[Any, Any]]]  # by field: its label, and the labels of its answers
ACTS = {
    "application.decide": lazy("Decided"),
    "application.look_at_cnic": lazy("Number looked at"),
    "application.reopen": lazy("Put back into review"),
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


def history_of(subject: Model | None, words: Words | None = None) -> list[Line]:
    """Return the newest acts on one thing; `words` are those of its form. One query."""
    if subject is None:
        return []
    found = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
    return read_lines(found, words)


def read_lines(entries: QuerySet[AuditEntry], words: Words | None = None) -> list[Line]:
    """Return audit entries as the history of a page shows them, newest first. One query."""
    return [_read(each, words or {}) for each in entries.select_related("by").order_by("-id")[:SHOWN]]


def words_of(form: Any) -> Words:
    """Return what a form calls its fields and answers, so that a history speaks as the page does."""
    fields = form.fields.items()
    return {name: (str(each.label), dict(getattr(each, "choices", ()) or ())) for name, each in fields}


def list_changes(changed: dict[str, list[Any]], words: Words | None = None) -> list[Change]:
    """Return `audit.services.compare` as a page shows it; of a new thing only what was answered."""
    known = words or {}
    found = []
    for name, (old, new) in changed.items():
        label, answers = known.get(name, (_name(name), {}))
        change = Change(label, _say(old, answers), _say(new, answers))
        if change.old != change.new:
            found.append(change)
    return found


def _read(entry: AuditEntry, words: Words) -> Line:
    detail = entry.detail
    changed = detail.get("changed")
    if isinstance(changed, dict):
        changes = list_changes(changed, words)
    elif isinstance(changed, list):
        changes = [Change(words.get(name, (_name(name), {}))[0], "", "") for name in changed]
    else:
        changes = list_changes({"": [detail["from"], detail["to"]]}, words) if {"from", "to"} <= set(detail) else []
    about = [str(detail[name]) for name in ("date", "name", "reason") if detail.get(name)]
    who = entry.by.get_full_name() if entry.by else _("the system")
    act = _("Entered") if detail.get("new") else _act(entry.act)
    return Line(entry.at, who, act, ": ".join(about), changes)


def _act(act: str) -> str:
    return str(ACTS.get(act) or ENDINGS.get(act.rpartition(".")[2]) or act)


def _name(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _say(value: Any, answers: dict[Any, Any]) -> str:
    if value is None or value == "" or value == []:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return "; ".join(str(answers.get(each, each)) for each in value)
    return str(answers.get(value, value))
