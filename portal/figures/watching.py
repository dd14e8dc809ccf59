"""Knowing what changed: triggers note a cohort in the very transaction that changes what is summed up of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from portal.figures.refresh import SPLIT

FIGURES, TIMETABLES = "portal_stalecohort", "portal_staletimetable"
ACTS = ("insert", "update", "delete")


def _differs(*names: str) -> str:
    return " OR ".join(f"OLD.{name} <> NEW.{name}" for name in names)


@dataclass(frozen=True)
class Trigger:
    """A note in `into` for each row that `source` finds, after an act on a row of a table."""

    name: str
    table: str
    act: str
    source: str
    when: str = ""
    into: str = FIGURES

    @property
    def write(self) -> str:
        return f"INSERT INTO {self.into} (cohort_id) {self.source}"


def _on_each(table: str, source: str, acts: Iterable[str], **options: Any) -> list[Trigger]:
    """One trigger for each act; `{row}` is the row as it is, or as it was."""
    prefix = options.pop("prefix", "stale")
    return [
        Trigger(
            f"{prefix}_{table}_{act}", table, act, source.format(row="OLD" if act == "delete" else "NEW"), **options
        )
        for act in acts
    ]


OF_CERTIFICATE = "SELECT cohort_id FROM cohorts_enrolment WHERE id = {row}.enrolment_id"
OF_TRAINEE = "SELECT cohort_id FROM cohorts_enrolment WHERE trainee_id = NEW.id"
COHORT_CHANGED = (
    f"{_differs('state', 'city', 'course_id', 'starts_on')}"
    " OR COALESCE(OLD.ends_on, OLD.starts_on) <> COALESCE(NEW.ends_on, NEW.starts_on)"
)
OF_FIGURES = [
    *_on_each("cohorts_enrolment", "SELECT {row}.cohort_id", ACTS),
    *_on_each("certificates_certificate", OF_CERTIFICATE, ACTS),
    Trigger("stale_cohort", "cohorts_cohort", "update", "SELECT NEW.id", COHORT_CHANGED),
    Trigger("stale_session", "cohorts_session", "update", "SELECT NEW.cohort_id", _differs("date", "minutes", "state")),
    Trigger("stale_trainee", "trainees_trainee", "update", OF_TRAINEE, _differs(*SPLIT, "full_name", "full_name_ur")),
]

OF_SESSION = "SELECT cohort_id FROM cohorts_session WHERE id = {row}.session_id"
# Only who is in two cohorts can be wanted twice: the other one is noted, and of all other people nothing.
IN_ANOTHER = (
    "SELECT other.cohort_id FROM cohorts_enrolment other WHERE other.trainee_id IN ({people}) AND other.id <> {row}.id"
)
TIMES_CHANGED = (
    f"{_differs('starts_at', 'ends_at', 'mode', 'venue', 'room')}"
    " OR (OLD.state = 'cancelled') <> (NEW.state = 'cancelled')"
)
TWICE = {"into": TIMETABLES, "prefix": "stale_times"}
OF_TIMETABLES = [
    *_on_each("cohorts_session", "SELECT {row}.cohort_id", ("insert", "delete"), **TWICE),
    *_on_each("cohorts_session", "SELECT {row}.cohort_id", ["update"], when=TIMES_CHANGED, **TWICE),
    *_on_each("cohorts_cohort", "SELECT {row}.id", ["update"], when=_differs("city"), **TWICE),
    *_on_each("cohorts_cohort_instructors", "SELECT {row}.cohort_id", ACTS, **TWICE),
    *_on_each("cohorts_session_instructors", OF_SESSION, ACTS, **TWICE),
    *_on_each("cohorts_enrolment", IN_ANOTHER.replace("{people}", "{row}.trainee_id"), ("insert", "delete"), **TWICE),
    *_on_each(
        "cohorts_enrolment",
        IN_ANOTHER.replace("{people}", "OLD.trainee_id, NEW.trainee_id"),
        ["update"],
        when=_differs("status", "cohort_id", "trainee_id"),
        **TWICE,
    ),
]
TRIGGERS = [*OF_FIGURES, *OF_TIMETABLES]


def watch_changes(**kwargs: Any) -> None:
    """Put the triggers in place; runs after each `migrate`, because SQLite drops them when it rebuilds a table.

    Where one was missing, everything is stale.
    """
    if not {FIGURES, TIMETABLES, *(each.table for each in TRIGGERS)} <= set(connection.introspection.table_names()):
        return
    with connection.cursor() as cursor:
        standing = _existing(cursor)
        for trigger in TRIGGERS:
            for statement in _statements(trigger):
                cursor.execute(statement)
        for table in sorted({each.into for each in TRIGGERS if each.name not in standing}):
            cursor.execute(f"INSERT INTO {table} (cohort_id) SELECT id FROM cohorts_cohort")  # noqa: S608 - our names


def _existing(cursor: Any) -> set[str]:
    if connection.vendor == "sqlite":
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'stale_%'")
    else:
        cursor.execute("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'stale_%'")
    return {row[0] for row in cursor.fetchall()}


def _statements(trigger: Trigger) -> Iterable[str]:
    name, when = trigger.name, f"WHEN ({trigger.when}) " if trigger.when else ""
    head = f"AFTER {trigger.act.upper()} ON {trigger.table} FOR EACH ROW {when}"
    if connection.vendor == "sqlite":
        yield f"DROP TRIGGER IF EXISTS {name}"
        yield f"CREATE TRIGGER {name} {head}BEGIN {trigger.write}; END"
        return
    body = f"BEGIN {trigger.write}; RETURN NULL; END"
    yield f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$"
    yield f"DROP TRIGGER IF EXISTS {name} ON {trigger.table}"
    yield f"CREATE TRIGGER {name} {head}EXECUTE FUNCTION {name}()"
