"""Decisions on marks: which time to believe, when a register locks. No database, no clock."""

from datetime import datetime, timedelta

EARLY = timedelta(minutes=60)  # a register may be opened this long before its session
AHEAD = timedelta(minutes=5)  # of a device's clock before ours, and still believed
BEHIND = timedelta(hours=12)  # of a mark that was made offline and sent later, and still believed


def judge_time(claimed: datetime | None, received: datetime, opens: datetime) -> tuple[datetime, bool]:
    """Return the time of a mark and whether somebody has to confirm it (R31).

    A mark may come hours after it was made. Past that, from the future or from before the register `opens`,
    either the line was away very long or the clock is wrong; we cannot tell, so the server's time is kept
    and the mark is "late, to confirm".
    """
    if claimed is None:
        return received, False
    if not max(received - BEHIND, opens) <= claimed <= received + AHEAD:
        return received, True
    return min(claimed, received), False


def locks_at(ends_at: datetime, marked_at: datetime | None, hours: int) -> datetime:
    """Return when a register locks: `hours` after its session, or after its first marks if those came later.

    Who enters a paper register weeks afterwards must be able to mend a slip, so the time counts from there.
    """
    return max(ends_at, marked_at or ends_at) + timedelta(hours=hours)
