"""Decisions and arithmetic of a cohort: exact integers, no database, no clock."""

from cohorts.rules.attendance import (
    Policy,
    Rate,
    Rates,
    Tallies,
    compute_rates,
    decide_standing,
    sessions_open,
    units_missing,
    write_lengths,
)
from cohorts.rules.completion import Evidence, Granted, Outcome, Work, decide_completion, explain_progress, rate_scores
from cohorts.rules.words import describe, join_dates

__all__ = [
    "Evidence",
    "Granted",
    "Outcome",
    "Policy",
    "Rate",
    "Rates",
    "Tallies",
    "Work",
    "compute_rates",
    "decide_completion",
    "decide_standing",
    "describe",
    "explain_progress",
    "join_dates",
    "rate_scores",
    "sessions_open",
    "units_missing",
    "write_lengths",
]
