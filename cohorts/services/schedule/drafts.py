"""A timetable as it will be: drafts of sessions, what may become of them, and what differs from what stands."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo

from cohorts.imports.cohorts_file import Meeting
from cohorts.models import Room, Session
from cohorts.models.choices import describe_place
from cohorts.services.schedule.planning import Planned, instants

Day = date  # inside a class whose field is called `date`


@dataclass(frozen=True)
class Place:
    """Where a session is held: in a room of a venue, or behind a link."""

    mode: str
    venue: str = ""
    room: str = ""
    link: str = ""

    def __str__(self) -> str:
        """Say it as one line."""
        return describe_place(self.mode, self.venue, self.room, self.link)


@dataclass(frozen=True)
class Look:
    """What people see of a session; the part of it whose change they are told."""

    date: date
    start: time
    end: time
    place: Place
    state: str

    def as_json(self) -> dict[str, Any]:
        times = {"date": self.date.isoformat(), "start": f"{self.start:%H:%M}", "end": f"{self.end:%H:%M}"}
        return {**times, **asdict(self.place), "state": self.state}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Look":
        place = Place(data["mode"], data["venue"], data["room"], data["link"])
        start, end = time.fromisoformat(data["start"]), time.fromisoformat(data["end"])
        return cls(date.fromisoformat(data["date"]), start, end, place, data["state"])

    @property
    def times(self) -> tuple[Day, time, time]:
        return (self.date, self.start, self.end)

    def slot(self, zone: ZoneInfo) -> Planned:
        """Derive the instants again."""
        return instants(Meeting(self.date, self.start, self.end), zone)


@dataclass(frozen=True)
class Line:
    """One session before and after a change; without `before` it is new."""

    session_id: int | None
    number: int
    before: Look | None
    after: Look
    marked: bool = False

    @property
    def kind(self) -> str:
        if self.before is None:
            return "added"
        if self.after.state == Session.State.CANCELLED:
            return "cancelled"
        return "placed" if self.before.times == self.after.times else "moved"

    @property
    def place_changed(self) -> bool:
        return self.before is None or self.before.place != self.after.place

    def as_json(self) -> dict[str, Any]:
        before = self.before.as_json() if self.before else None
        return {"session": self.session_id, "number": self.number, "before": before, "after": self.after.as_json()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Line":
        before = Look.from_json(data["before"]) if data["before"] else None
        return cls(data["session"], data["number"], before, Look.from_json(data["after"]))


@dataclass
class Draft:
    """A session as it will be; `session` is the stored row, or None for a new one."""

    slot: Planned
    place: Place
    topic: str = ""
    state: str = Session.State.PLANNED
    cancel_reason: str = ""
    number: int = 0  # by the order of time, as it will be
    session: Session | None = None
    known_as: int = 0  # the number under which people know it now
    marked: bool = False
    before: Look | None = field(default=None)
    room: Room | None = None  # what the words of the place mean; found when the draft is stored

    @classmethod
    def of(cls, session: Session, *, marked: bool) -> "Draft":
        times = (session.date, session.start_time, session.end_time, session.starts_at, session.ends_at)
        draft = cls(
            slot=Planned(*times),
            place=Place(session.mode, session.venue, session.room, session.link),
            topic=session.topic,
            state=session.state,
            cancel_reason=session.cancel_reason,
            number=session.number,
            known_as=session.number,
            session=session,
            marked=marked,
        )
        return replace(draft, before=draft.look)

    @property
    def look(self) -> Look:
        return Look(self.slot.date, self.slot.start, self.slot.end, self.place, self.state)

    @property
    def counts(self) -> bool:
        return self.state != Session.State.CANCELLED

    @property
    def is_open(self) -> bool:
        """Planned and without a mark: the only sessions that a bulk act moves."""
        return self.state == Session.State.PLANNED and not self.marked

    @property
    def is_moved(self) -> bool:
        return self.before is not None and self.before.times != self.look.times

    @property
    def line(self) -> Line:
        pk = self.session.pk if self.session else None
        return Line(pk, self.known_as or self.number, self.before, self.look, self.marked)


def settle(drafts: Sequence[Draft], topics: Iterable[str]) -> list[Draft]:
    """Put drafts into the order of time and number them so; the topics of open ones keep their own order.

    `topics` are those of the open sessions before the change. More sessions than topics repeat the last.
    """
    ordered = sorted(drafts, key=lambda draft: (draft.slot.starts_at, draft.number))
    waiting = list(topics)
    last = waiting[-1] if waiting else ""
    for number, draft in enumerate(ordered, start=1):
        draft.number = number
        if draft.is_open:
            draft.topic = waiting.pop(0) if waiting else last
    return ordered


def changed_lines(drafts: Iterable[Draft]) -> list[Line]:
    """Return the sessions whose time, place or state will differ, in the order of time before the change."""
    lines = [draft.line for draft in drafts if draft.before != draft.look]
    return sorted(lines, key=lambda line: (line.before or line.after).times)


def find_overlaps(drafts: Iterable[Draft]) -> list[tuple[Draft, Draft]]:
    """Return the pairs of sessions of one cohort that would be held at the same time."""
    ordered = sorted((draft for draft in drafts if draft.counts), key=lambda draft: draft.slot.starts_at)
    found, latest = [], None
    for draft in ordered:
        if latest is not None and draft.slot.starts_at < latest.slot.ends_at:
            found.append((latest, draft))
        if latest is None or draft.slot.ends_at > latest.slot.ends_at:
            latest = draft
    return found


def last_end(drafts: Iterable[Draft]) -> date | None:
    """Return the date of the last session that counts."""
    return max((draft.slot.date for draft in drafts if draft.counts), default=None)
