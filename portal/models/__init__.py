"""Tables of the pages that span apps: summaries, files that the worker makes, and what is kept of lists."""

from portal.models.files import Export, Report
from portal.models.lists import ActRow, ActRun, SavedView
from portal.models.summaries import (
    Clash,
    CohortCell,
    CohortWeek,
    Counts,
    FigureCheck,
    SplitTotal,
    StaleCohort,
    StaleTimetable,
    StaleWeeks,
    WeekCounts,
    WeekTotal,
)

__all__ = [
    "ActRow",
    "ActRun",
    "Clash",
    "CohortCell",
    "CohortWeek",
    "Counts",
    "Export",
    "FigureCheck",
    "Report",
    "SavedView",
    "SplitTotal",
    "StaleCohort",
    "StaleTimetable",
    "StaleWeeks",
    "WeekCounts",
    "WeekTotal",
]
