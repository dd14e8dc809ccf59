"""The figures of the programme: a fixed number of queries, whatever its size."""

from portal.figures.choice import Choice
from portal.figures.programme import Programme, SplitRow, count_programme
from portal.figures.weeks import HeatRow, Week, attendance_by_week, worst_cohorts

__all__ = [
    "Choice",
    "HeatRow",
    "Programme",
    "SplitRow",
    "Week",
    "attendance_by_week",
    "count_programme",
    "worst_cohorts",
]
