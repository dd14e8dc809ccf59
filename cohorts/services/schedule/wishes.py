"""What can be asked of a timetable, each as a pure step from drafts to drafts."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time
from itertools import zip_longest
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from cohorts.imports.cohorts_file import Meeting, Slot
from cohorts.models import Mode, Session, TimetableChange
from cohorts.services.errors import Conflict
from cohorts.services.schedule.drafts import Draft, Place
from cohorts.services.schedule.planning import instants, pattern_of, plan, shorten

Kind = TimetableChange.Kind


class NoSuchSession(Conflict):
    def __init__(self) -> None:
        super().__init__(_("This session is no longer in the timetable; load the page again."), code="no_session")


class CancelledSession(Conflict):
    def __init__(self, number: int) -> None:
        super().__init__(_("Session %d is cancelled.") % number, code="session_cancelled")


@dataclass(frozen=True)
class Calendar:
    """What a step has to know of the cohort: its zone, its weekly pattern, the days without classes."""

    zone: ZoneInfo
    weekly: tuple[Mapping[str, str], ...]
    holidays: frozenset[date]


@dataclass(frozen=True)
class MoveSession:
    """Give one session another date, other times or another place."""

    session_id: int
    date: date
    start: time
    end: time
    place: Place
    kind = Kind.MOVE

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        draft = _find(drafts, self.session_id)
        draft.slot = instants(Meeting(self.date, self.start, self.end), calendar.zone)
        draft.place = self.place
        return drafts


@dataclass(frozen=True)
class CancelSession:
    """Strike one session; it stays in the timetable, and its marks in the ledger (R6)."""

    session_id: int
    reason: str
    kind = Kind.CANCEL

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        _cancel(_find(drafts, self.session_id), self.reason)
        return drafts


@dataclass(frozen=True)
class AddSession:
    """One more session."""

    date: date
    start: time
    end: time
    place: Place
    topic: str = ""
    kind = Kind.ADD

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        slot = instants(Meeting(self.date, self.start, self.end), calendar.zone)
        return [*drafts, Draft(slot=slot, place=self.place, topic=self.topic)]


@dataclass(frozen=True)
class SkipDates:
    """No classes on these dates: their open sessions go on with the pattern after the end, minute for minute."""

    dates: tuple[date, ...]
    kind = Kind.SKIP

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        hit = sorted(
            (draft for draft in drafts if draft.is_open and draft.slot.date in self.dates),
            key=lambda draft: draft.slot.starts_at,
        )
        kept = [draft for draft in drafts if draft not in hit]
        owed = sum(draft.slot.minutes for draft in hit)
        if not owed:
            return drafts
        slots = pattern_of(calendar.weekly, [draft.slot for draft in drafts])
        last = max((each for each in kept if each.counts), key=lambda each: each.slot.starts_at, default=None)
        if last is not None:
            owed -= _lengthen(last, slots, owed, calendar.zone)
        coming, _skipped = plan(
            pattern=slots,
            starts_on=last.slot.date if last else hit[0].slot.date,
            minutes=owed,
            holidays=calendar.holidays | set(self.dates),
            time_zone=calendar.zone.key,
            after=last.slot.starts_at if last else None,
        )
        left_over = _("No classes on this date; its minutes were added to later sessions.")
        return [*kept, *_lay(hit, coming, left_over)]


@dataclass(frozen=True)
class SwitchPlace:
    """Hold all open sessions from a date on in another place, as online."""

    from_date: date
    place: Place
    kind = Kind.SWITCH

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        for draft in drafts:
            if draft.is_open and draft.slot.date >= self.from_date:
                draft.place = self.place
        return drafts


@dataclass(frozen=True)
class Replan:
    """Another weekly pattern, or another place, for what is still ahead; held and marked sessions never move.

    With `place` the open sessions from a date on go there; an online one keeps its own link where none is named.
    With `weekly` they are laid on that pattern, minute for minute.
    """

    from_date: date
    after: datetime  # only sessions that begin later
    place: Place | None = None
    weekly: tuple[Mapping[str, str], ...] = ()
    kind = Kind.PLAN

    def apply(self, drafts: list[Draft], calendar: Calendar) -> list[Draft]:
        ahead = [each for each in drafts if each.is_open and each.slot.starts_at > self.after]
        hit = sorted((each for each in ahead if each.slot.date >= self.from_date), key=lambda each: each.slot.starts_at)
        for draft in hit:
            draft.place = self._place_of(draft)
        if not (self.weekly and hit):
            return drafts
        coming, _skipped = plan(
            pattern=pattern_of(self.weekly, []),
            starts_on=self.from_date,
            minutes=sum(draft.slot.minutes for draft in hit),
            holidays=calendar.holidays,
            time_zone=calendar.zone.key,
            after=self.after,
        )
        left_over = _("Its minutes are held in other sessions of the new weekly pattern.")
        return [*(each for each in drafts if each not in hit), *_lay(hit, coming, left_over)]

    def _place_of(self, draft: Draft) -> Place:
        if self.place is None:
            return draft.place
        if self.place.mode == Mode.ONLINE and not self.place.link:
            return replace(self.place, link=draft.place.link)
        return self.place


Wish = Replan | MoveSession | CancelSession | AddSession | SkipDates | SwitchPlace


def wish_as_json(wish: Wish) -> dict[str, Any]:
    """Return a wish as plain values for `TimetableChange.wish`."""
    return {name: _plain(value) for name, value in asdict(wish).items()}


def read_wish(kind: str, data: Mapping[str, Any]) -> SkipDates | SwitchPlace:
    """Return the wish of a change that waits for the worker: one of those that can be put to many cohorts."""
    if kind == Kind.SKIP:
        return SkipDates(tuple(date.fromisoformat(each) for each in data["dates"]))
    return SwitchPlace(date.fromisoformat(data["from_date"]), Place(**data["place"]))


def _plain(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else value


def _find(drafts: Iterable[Draft], session_id: int) -> Draft:
    draft = next((each for each in drafts if each.session and each.session.pk == session_id), None)
    if draft is None:
        raise NoSuchSession
    if not draft.counts:
        raise CancelledSession(draft.number)
    return draft


def _cancel(draft: Draft, reason: str) -> None:
    draft.state, draft.cancel_reason = Session.State.CANCELLED, reason[:200]


def _lengthen(last: Draft, slots: list[Slot], owed: int, zone: ZoneInfo) -> int:
    """Draw a last session that was cut short out to its slot again; return the minutes that this takes up."""
    slot = next(
        (each for each in slots if (each.weekday, each.start) == (last.slot.date.weekday(), last.slot.start)), None
    )
    if slot is None or not last.is_open:
        return 0
    missing = instants(Meeting(last.slot.date, slot.start, slot.end), zone).minutes - last.slot.minutes
    taken = max(0, min(owed, missing))
    if taken:
        last.slot = shorten(last.slot, last.slot.minutes + taken, zone)
    return taken


def _lay(hit: list[Draft], coming: list[Any], left_over: str) -> list[Draft]:
    """Put the sessions on the coming slots; slots left over are new sessions, sessions left over are struck."""
    laid = []
    for draft, slot in zip_longest(hit, coming):
        if draft is None:
            laid.append(Draft(slot=slot, place=hit[-1].place))
            continue
        if slot is None:
            _cancel(draft, left_over)
        else:
            draft.slot = slot
        laid.append(draft)
    return laid
