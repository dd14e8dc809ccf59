"""Outcomes: what they rest on, closing and reopening a cohort, exceptions."""

from cohorts.services.completion.closing import (
    Closing,
    MissingRegister,
    RegistersMissing,
    close_cohort,
    missing_registers,
    preview_closing,
)
from cohorts.services.completion.evidence import collect_evidence, explain_enrolment
from cohorts.services.completion.exceptions import grant_exception, lift_exception
from cohorts.services.completion.proof import compare_outcomes
from cohorts.services.completion.reopening import Reopening, reopen_cohort

__all__ = [
    "Closing",
    "MissingRegister",
    "RegistersMissing",
    "Reopening",
    "close_cohort",
    "collect_evidence",
    "compare_outcomes",
    "explain_enrolment",
    "grant_exception",
    "lift_exception",
    "missing_registers",
    "preview_closing",
    "reopen_cohort",
]
