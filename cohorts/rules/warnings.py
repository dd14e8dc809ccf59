"""When somebody is warned about attendance. No database, no clock."""

from collections.abc import Sequence

IN_ROW = 3  # sessions missed one after the other


def count_in_row(statuses: Sequence[str]) -> int:
    """Return how many sessions were missed one after the other up to the latest; excused ones do not break a row."""
    missed = 0
    for status in reversed([each for each in statuses if each != "excused"]):
        if status != "absent":
            break
        missed += 1
    return missed


def decide_levels(standing: str, in_row: int) -> list[str]:
    """Return the levels of warning that a standing and a row of absences ask for."""
    levels = [standing] if standing in ("at_risk", "cannot_reach") else []
    return [*levels, "in_row"] if in_row >= IN_ROW else levels
