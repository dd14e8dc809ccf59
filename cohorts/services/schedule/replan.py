"""Another mode, city, room or weekly pattern for a cohort, and for those of its sessions that are still ahead."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction

from audit.services import compare, record
from cohorts.models import City, Cohort, Mode, Room, Venue
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import CohortClosed
from cohorts.services.locks import lock_in_order
from cohorts.services.schedule.changes import change_timetable
from cohorts.services.schedule.drafts import Place
from cohorts.services.schedule.outlook import NothingToChange, Outlook, look_ahead
from cohorts.services.schedule.wishes import Replan
from cohorts.services.venues import VenueRetired
from trainees.models import User

Pattern = tuple[dict[str, str], ...]


@dataclass(frozen=True)
class CohortPlan:
    """Where and when a cohort is held, as it should be."""

    mode: str
    city: str
    room: Room | None
    weekly: Pattern
    link: str = ""  # for online sessions; empty: each keeps its own

    @property
    def place(self) -> Place:
        if self.mode == Mode.ONLINE or self.room is None:
            return Place(self.mode, link=self.link)
        return Place(self.mode, self.room.venue.name, self.room.name)


def describe_plan(cohort: Cohort) -> dict[str, Any]:
    """Return where and when a cohort is held, in words, for previews and the history. No query with its room."""
    return {
        "mode": str(Mode(cohort.mode).label),
        "city": str(City(cohort.city).label),
        "place": ", ".join(part for part in (cohort.venue, cohort.room) if part),
        "weekly_pattern": [f"{slot['weekday']} {slot['start']}-{slot['end']}" for slot in cohort.weekly_pattern],
        "starts_on": cohort.starts_on,
    }


def preview_plan(
    *, cohort: Cohort, plan: CohortPlan, from_date: date, at: datetime
) -> tuple[dict[str, list[Any]], Outlook]:
    """Return what would change of the cohort, and of its sessions from a date on. Writes nothing; eight queries."""
    before = describe_plan(cohort)
    wish = _wish(cohort, plan, from_date, at)
    _take_over(cohort, plan, wish)
    outlook = look_ahead(cohorts=[cohort], wish=wish, at=at)[0]
    held = [draft.slot for draft in outlook.drafts if draft.counts]
    if wish.weekly and all(slot.starts_at > at for slot in held):
        cohort.starts_on = min((slot.date for slot in held), default=cohort.starts_on)
    return compare(before, describe_plan(cohort)), outlook


@transaction.atomic
def change_plan(
    *, cohort: Cohort, plan: CohortPlan, from_date: date, by: User | None, at: datetime, reason: str = ""
) -> int:
    """Hold a cohort elsewhere or at other times; return how many people are told.

    Open sessions from a date on follow, in one change of the timetable with one mail each (`change_timetable`);
    those that were held, have marks or have begun stay as they are. No session is laid on a holiday (R24).
    Raises CohortClosed, NothingToChange, VenueRetired, and the refusals of the timetable; then nothing is kept.
    """
    locked = lock_cohort(cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    before = describe_plan(locked)
    wish = _wish(locked, plan, from_date, at)
    _refuse_retired(locked, plan)
    _take_over(locked, plan, wish)
    told, is_same = 0, before == describe_plan(locked)
    locked.save(update_fields=["mode", "city", "venue", "room", "held_in", "weekly_pattern"])
    try:
        told = change_timetable(cohort=locked, wish=wish, by=by, at=at, reason=reason).told
    except NothingToChange:
        if is_same:
            raise
    if wish.weekly:
        _follow_first_session(locked, at)
    if changed := compare(before, describe_plan(locked)):
        record(act="cohort.save", by=by, at=at, subject=locked, detail={"changed": changed})
    return told


def _follow_first_session(cohort: Cohort, at: datetime) -> None:
    """The start of a cohort that has not begun is the day of its first session."""
    first = cohort.sessions.countable().order_by("starts_at").first()
    if first is not None and first.starts_at > at:
        cohort.starts_on = first.date
        cohort.save(update_fields=["starts_on"])


def _wish(cohort: Cohort, plan: CohortPlan, from_date: date, at: datetime) -> Replan:
    is_same = sorted(map(_key, plan.weekly)) == sorted(map(_key, cohort.weekly_pattern))
    room = plan.room.pk if plan.room else None
    stays = (plan.mode, room) == (cohort.mode, cohort.held_in_id) and not plan.link
    return Replan(from_date, at, None if stays else plan.place, () if is_same else plan.weekly)


def _key(slot: dict[str, str]) -> tuple[str, ...]:
    return slot["weekday"], slot["start"], slot["end"]


def _refuse_retired(cohort: Cohort, plan: CohortPlan) -> None:
    """Refuse a room that was retired since the page was loaded, unless the cohort is held there already."""
    if plan.room is None or plan.room.pk == cohort.held_in_id:
        return
    lock_in_order(Venue.objects.filter(pk=plan.room.venue_id))
    room = Room.objects.select_related("venue").get(pk=plan.room.pk)
    if room.retired_at or room.venue.retired_at:
        raise VenueRetired(", ".join(part for part in (room.name, room.venue.name) if part))


def _take_over(cohort: Cohort, plan: CohortPlan, wish: Replan) -> None:
    cohort.mode, cohort.city, cohort.held_in = plan.mode, plan.city, plan.room
    cohort.venue, cohort.room = (plan.room.venue.name, plan.room.name) if plan.room else ("", "")
    if wish.weekly:
        cohort.weekly_pattern = list(plan.weekly)
