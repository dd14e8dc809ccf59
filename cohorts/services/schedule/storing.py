"""Drafts into rows: one update of what changed, one insert of what is new."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db.models import F

from cohorts.models import Cohort, Enrolment, Session
from cohorts.services import tallies
from cohorts.services.schedule.drafts import Draft, Place, last_end
from cohorts.services.venues import find_rooms, place_words

# While many rows change places, two of one cohort must not meet on a number or a start that is still taken.
ASIDE_NUMBER, ASIDE_TIME = 1_000_000, timedelta(days=200 * 365)
FIELDS = (
    *("number", "date", "start_time", "end_time", "starts_at", "ends_at", "minutes", "mode", "venue", "room", "link"),
    *("topic", "state", "cancel_reason", "sequence", "version", "changed_after_marking_at"),
)


def store_drafts(*, cohort: Cohort, drafts: Sequence[Draft], at: datetime) -> None:
    """Store the timetable and what follows from it: the cohort's end and minutes, and everybody's tallies.

    The caller holds the locks of the sessions and the cohort. Nine statements whatever the number. Raises
    VenueRetired for a place that no session was held in before.
    """
    _find_places(cohort, drafts, at)
    rows = [_fill(draft, cohort, at) for draft in drafts]
    touched = [row for row, changed in rows if changed and row.pk]
    aside = Session.objects.filter(pk__in=[row.pk for row in touched])
    aside.update(
        number=F("number") + ASIDE_NUMBER, starts_at=F("starts_at") + ASIDE_TIME, ends_at=F("ends_at") + ASIDE_TIME
    )
    Session.objects.bulk_update(touched, (*FIELDS, "held_in"))
    created = Session.objects.bulk_create(row for row, _changed in rows if not row.pk)
    for draft, session in zip((each for each in drafts if each.session is None), created, strict=True):
        draft.session = session
    cohort.ends_on, cohort.minutes = last_end(drafts), sum(draft.slot.minutes for draft in drafts if draft.counts)
    cohort.save(update_fields=["ends_on", "minutes"])
    tallies.recompute(cohort=cohort, enrolments=list(Enrolment.objects.filter(cohort=cohort).on_register()))


def _find_places(cohort: Cohort, drafts: Sequence[Draft], at: datetime) -> None:
    """Give each draft the room that its words mean, and the words as they are written there.

    What stays where it is keeps its room, though the cohort has gone to another city meanwhile.
    """
    stood = [words for each in drafts if each.before for words in _words(each.before.place)]
    moving = [each for each in drafts if each.before is None or each.before.place != each.place or not _has_room(each)]
    wanted = [words for each in moving for words in _words(each.place)]
    rooms = find_rooms(city=cohort.city, places=wanted, standing=stood, by=None, at=at)
    for draft in drafts:
        draft.room = draft.session.held_in if draft.session else None
    for draft in moving:
        words = _words(draft.place)
        draft.room = rooms[words[0]] if words else None
        if draft.room is not None:
            draft.place = replace(draft.place, venue=draft.room.venue.name, room=draft.room.name)


def _has_room(draft: Draft) -> bool:
    return draft.session is not None and draft.session.held_in_id is not None


def _words(place: Place) -> list[tuple[str, str]]:
    return place_words(place.mode, place.venue, place.room)


def _fill(draft: Draft, cohort: Cohort, at: datetime) -> tuple[Session, bool]:
    """Write a draft into its row; return the row and whether anything about it differs."""
    row = draft.session or Session(cohort=cohort)
    before = [getattr(row, name) for name in FIELDS]
    row.number, row.topic = draft.number, draft.topic
    row.date, row.start_time, row.end_time = draft.slot.date, draft.slot.start, draft.slot.end
    row.starts_at, row.ends_at, row.minutes = draft.slot.starts_at, draft.slot.ends_at, draft.slot.minutes
    row.mode, row.venue, row.room, row.link = (
        draft.place.mode,
        draft.place.venue,
        draft.place.room,
        draft.place.link,
    )
    row.held_in = draft.room
    row.state, row.cancel_reason = draft.state, draft.cancel_reason
    if draft.before is not None and draft.before != draft.look:
        row.sequence += 1
        row.version += draft.before.state != draft.state  # a register read before knows nothing of it (R9)
    if draft.marked and draft.is_moved and row.changed_after_marking_at is None:
        row.changed_after_marking_at = at  # R8: the marks stay as they are, a person looks at them
    return row, before != [getattr(row, name) for name in FIELDS]
