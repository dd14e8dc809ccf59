"""Decisions on applications: what was meant, the verdict, the order of the wishes. No database, no clock."""

from admissions.rules.verdict import Reader, Understood, describe, field_of, mark_duplicates
from admissions.rules.wishes import list_wishes, rank_cohorts
from admissions.rules.words import CourseName, detect_date_order

__all__ = [
    "CourseName",
    "Reader",
    "Understood",
    "describe",
    "detect_date_order",
    "field_of",
    "list_wishes",
    "mark_duplicates",
    "rank_cohorts",
]
