"""Clashes as rows, made anew for the cohorts that triggers noted: finding all of them goes through every timetable."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from cohorts.services.schedule import Clash as Found
from cohorts.services.schedule import Key, clashes_around, list_clashes
from courses.models import Programme
from portal.figures.refresh import NOTES
from portal.models import Clash, StaleTimetable

MANY = 200  # cohorts; when more changed, all clashes are found anew


def current_clashes(*, at: datetime) -> QuerySet[Clash]:
    """Return every clash of sessions that are not over at `at`, as `list_clashes` finds them.

    What changed and was not looked at yet is looked at first: one query where nothing did.
    """
    refresh_clashes(at=at)
    return Clash.objects.filter(until__gt=at)


def refresh_clashes(*, at: datetime) -> int:
    """Find the clashes of cohorts that changed anew, and return how many cohorts those are.

    Whom and what they want is found, with what stood for them before, and all clashes of these are replaced: some
    fifteen queries. They are found before the transaction, so that on SQLite nobody who writes waits for it; a change
    that comes meanwhile leaves a note of its own, and where a note is gone, another has written newer clashes.
    """
    notes = dict(StaleTimetable.objects.values_list("pk", "cohort_id"))
    if not notes:
        return 0
    keys, found = _find(set(notes.values()), at)
    with transaction.atomic():
        # Two who refresh at once wait for each other here: both may replace the clashes of one room.
        list(Programme.objects.select_for_update(no_key=True).order_by("pk").values_list("pk"))
        if not notes.keys() <= set(StaleTimetable.objects.values_list("pk", flat=True)):
            return 0
        for part in _parts(keys):
            part.delete()
        Clash.objects.bulk_create((_row(each) for each in found), batch_size=500)
        ids = list(notes)
        for start in range(0, len(ids), NOTES):
            StaleTimetable.objects.filter(pk__in=ids[start : start + NOTES]).delete()
    return len(set(notes.values()))


def _find(cohorts: set[int], at: datetime) -> tuple[set[Key] | None, list[Found]]:
    """Return whose clashes are found anew (None: everybody's), and all of them in order."""
    if len(cohorts) > MANY:
        return None, list_clashes(since=at)
    stood = Clash.objects.filter(Q(first__cohort__in=cohorts) | Q(second__cohort__in=cohorts))
    also = set(stood.order_by().values_list("kind", "person", "place"))
    keys, found = clashes_around(cohorts=cohorts, also=also, since=at)
    return keys, sorted(set(found), key=lambda each: (each.first.starts_at, each.kind, each.name))


def _parts(keys: set[Key] | None) -> Iterable[QuerySet[Clash]]:
    """Yield the rows that these keys have now."""
    if keys is None:
        yield Clash.objects.all()
        return
    for kind in Clash.Kind:
        own = Clash.objects.filter(kind=kind)
        if kind == Clash.Kind.ROOM:
            yield own.filter(place__in=[place for each, _person, place in keys if each == kind])
        else:
            yield own.filter(person__in=[person for each, person, _place in keys if each == kind])


def _row(found: Found) -> Clash:
    kind, person, place = found.key
    first, second = found.first, found.second
    return Clash(
        kind=kind,
        person=person,
        place=place,
        first_id=first.session_id or 0,
        second_id=second.session_id or 0,
        starts_at=first.starts_at,
        until=min(first.ends_at, second.ends_at),
    )


def forget_past_clashes(*, at: datetime) -> None:
    """Delete the clashes of sessions that are over. One query."""
    Clash.objects.filter(until__lte=at).delete()
