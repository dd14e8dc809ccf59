"""Timetables: laid out from a file, previewed and changed, looked over for clashes."""

from cohorts.services.schedule.changes import (
    ReasonMissing,
    carry_out,
    change_timetable,
    preview_change,
    waiting_changes,
)
from cohorts.services.schedule.clashes import Clash, Key, clashes_around, clashes_of, list_clashes
from cohorts.services.schedule.cohort_file import import_cohorts, plan_row
from cohorts.services.schedule.drafts import Line, Place
from cohorts.services.schedule.holidays import save_holidays
from cohorts.services.schedule.outlook import NothingToChange, OnHoliday, Outlook, SessionsOverlap
from cohorts.services.schedule.planning import Planned, UnusableTimetable, instants, plan
from cohorts.services.schedule.replan import CohortPlan, change_plan, describe_plan, preview_plan
from cohorts.services.schedule.wishes import AddSession, CancelSession, MoveSession, SkipDates, SwitchPlace

__all__ = [
    "AddSession",
    "CancelSession",
    "Clash",
    "CohortPlan",
    "Key",
    "Line",
    "MoveSession",
    "NothingToChange",
    "OnHoliday",
    "Outlook",
    "Place",
    "Planned",
    "ReasonMissing",
    "SessionsOverlap",
    "SkipDates",
    "SwitchPlace",
    "UnusableTimetable",
    "carry_out",
    "change_plan",
    "change_timetable",
    "clashes_around",
    "clashes_of",
    "describe_plan",
    "import_cohorts",
    "instants",
    "list_clashes",
    "plan",
    "plan_row",
    "preview_change",
    "preview_plan",
    "save_holidays",
    "waiting_changes",
]
