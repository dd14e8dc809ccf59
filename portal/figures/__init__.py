"""The figures of the programme: a fixed number of queries, whatever its size."""

from portal.figures.choice import Choice
from portal.figures.programme import Programme, SplitRow, count_programme
from portal.figures.weeks import HeatCell, HeatRow, Week, read_weeks, worst_cohorts

__all__ = [
    "Choice",
    "HeatCell",
    "HeatRow",
    "Programme",
    "SplitRow",
    "Week",
    "count_programme",
    "read_weeks",
    "worst_cohorts",
]
