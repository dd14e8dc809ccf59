"""Tables of the pages that span apps: summaries, files that the worker makes, and what is kept of lists."""

from portal.models.files import Export, Report
from portal.models.lists import ActRow, ActRun, SavedView
from portal.models.summaries import (
    CohortCell,
    CohortWeek,
    Counts,
    FigureCheck,
    SplitTotal,
    StaleCohort,
    WeekCounts,
    WeekTotal,
)

__all__ = [
    "ActRow",
    "ActRun",
    "CohortCell",
    "CohortWeek",
    "Counts",
    "Export",
    "FigureCheck",
    "Report",
    "SavedView",
    "SplitTotal",
    "StaleCohort",
    "WeekCounts",
    "WeekTotal",
]
