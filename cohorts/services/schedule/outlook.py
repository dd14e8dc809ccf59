"""What a wish would do to timetables, before anything is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cohorts.models import AttendanceRecord, Cohort, Enrolment, Holiday, Session
from cohorts.services.errors import CohortClosed, Conflict
from cohorts.services.schedule.clashes import Clash, list_clashes
from cohorts.services.schedule.drafts import Draft, Line, changed_lines, find_overlaps, last_end, settle
from cohorts.services.schedule.planning import LONGEST_RUN
from cohorts.services.schedule.wishes import Calendar, Wish

TOLD = (Enrolment.Status.ENROLLED, Enrolment.Status.OFFERED)  # trainees who are told of a change


class OnHoliday(Conflict):
    """R24: a day without classes is refused unless it is forced with a reason."""

    def __init__(self, days: Sequence[str]) -> None:
        text = _("No classes on %s. Choose another date, or insist on it and say why.") % ", ".join(days[:5])
        super().__init__({"date": ValidationError(text, code="holiday")})


class SessionsOverlap(Conflict):
    def __init__(self, cohort: Cohort, pairs: Sequence[tuple[Draft, Draft]]) -> None:
        said = ", ".join(f"{one.number} / {other.number} ({other.slot.date})" for one, other in pairs[:5])
        text = _("%(code)s would have two sessions at the same time: %(sessions)s.")
        super().__init__(text % {"code": cohort.code, "sessions": said}, code="overlap")


class NothingToChange(Conflict):
    def __init__(self) -> None:
        super().__init__(_("The timetable is like this already; nothing would change."), code="nothing_to_change")


class OutOfRange(ValidationError):
    def __init__(self, cohort: Cohort) -> None:
        text = _("The date is too far from the start of %(code)s (%(start)s).")
        values = {"code": cohort.code, "start": cohort.starts_on}
        super().__init__({"date": ValidationError(text % values, code="out_of_range")})


@dataclass(frozen=True)
class Outlook:
    """What a wish would do to one cohort. `refusals` say why it may not be done; clashes only warn."""

    cohort: Cohort
    drafts: list[Draft]
    lines: list[Line]
    ends_before: date | None
    ends_after: date | None
    minutes_before: int
    minutes_after: int
    refusals: list[ValidationError] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    trainees: int = 0
    instructors: int = 0

    @property
    def people(self) -> int:
        """How many are told."""
        return self.trainees + self.instructors

    @property
    def marked(self) -> list[Line]:
        return [line for line in self.lines if line.marked]

    @property
    def on_holiday(self) -> bool:
        return any(isinstance(each, OnHoliday) for each in self.refusals)

    def refuse(self, *, forced: bool) -> None:
        """Raise the first refusal; a holiday is none when it is forced."""
        for refusal in self.refusals:
            if not (forced and isinstance(refusal, OnHoliday)):
                raise refusal


def look_ahead(*, cohorts: Sequence[Cohort], wish: Wish, at: datetime) -> list[Outlook]:
    """Return what `wish` would do to each cohort; nothing is stored. Seven queries whatever their number."""
    holidays = dict(Holiday.objects.values_list("date", "name"))
    timetables = draft_timetables(cohorts)
    found = [_look(cohort, timetables[cohort.pk], wish, holidays) for cohort in cohorts]
    touched = {each.cohort: each.drafts for each in found if each.lines}
    clashes = list_clashes(since=at, drafts=touched) if touched else []
    people = count_people(list(touched))
    return [
        replace(
            each,
            clashes=[clash for clash in clashes if _makes(each, clash)],
            trainees=people.get(each.cohort.pk, (0, 0))[0],
            instructors=people.get(each.cohort.pk, (0, 0))[1],
        )
        for each in found
    ]


def _makes(outlook: Outlook, clash: Clash) -> bool:
    """Tell whether a session that changes is part of the clash."""
    changed = {(line.after.date, line.after.start) for line in outlook.lines}
    mine = [each for each in (clash.first, clash.second) if each.cohort_id == outlook.cohort.pk]
    return any((each.date, each.start) in changed for each in mine)


def draft_timetables(cohorts: Iterable[Cohort]) -> dict[int, list[Draft]]:
    """Read timetables as drafts, in the order of time. One query."""
    timetables: dict[int, list[Draft]] = {cohort.pk: [] for cohort in cohorts}
    marked = Exists(AttendanceRecord.objects.filter(session=OuterRef("pk")))
    sessions = Session.objects.filter(cohort__in=list(timetables)).select_related("held_in").annotate(has_marks=marked)
    for session in sessions.order_by("starts_at", "id"):
        timetables[session.cohort_id].append(Draft.of(session, marked=session.has_marks))
    return timetables


def count_people(cohorts: Sequence[Cohort]) -> dict[int, tuple[int, int]]:
    """Return how many trainees and instructors of each cohort are told of a change. One query."""
    counted = Cohort.objects.filter(pk__in=[cohort.pk for cohort in cohorts]).annotate(
        trainees=Count("enrolments", filter=Q(enrolments__status__in=TOLD), distinct=True),
        teachers=Count("instructors", distinct=True),
    )
    return {pk: (trainees, teachers) for pk, trainees, teachers in counted.values_list("pk", "trainees", "teachers")}


def _look(cohort: Cohort, before: list[Draft], wish: Wish, holidays: Mapping[date, str]) -> Outlook:
    ends, minutes = last_end(before), _minutes(before)
    topics = [draft.topic for draft in before if draft.is_open]
    calendar = Calendar(ZoneInfo(cohort.time_zone), tuple(cohort.weekly_pattern), frozenset(holidays))
    refusals: list[ValidationError] = [CohortClosed(cohort)] if cohort.state == Cohort.State.CLOSED else []
    try:
        after = settle(wish.apply(list(before), calendar), topics)
    except ValidationError as error:
        return Outlook(cohort, before, [], ends, ends, minutes, minutes, [*refusals, error])
    lines = changed_lines(after)
    refusals += _refusals(cohort, after, lines, holidays)
    return Outlook(cohort, after, lines, ends, last_end(after), minutes, _minutes(after), refusals)


def _minutes(drafts: Iterable[Draft]) -> int:
    return sum(draft.slot.minutes for draft in drafts if draft.counts)


def _refusals(
    cohort: Cohort, drafts: list[Draft], lines: list[Line], holidays: Mapping[date, str]
) -> list[ValidationError]:
    found: list[ValidationError] = []
    if not lines:
        found.append(NothingToChange())
    if any(abs(line.after.date - cohort.starts_on) > LONGEST_RUN for line in lines):
        found.append(OutOfRange(cohort))
    if pairs := find_overlaps(drafts):
        found.append(SessionsOverlap(cohort, pairs))
    newly = [line.after.date for line in lines if line.kind in ("moved", "added") and line.after.date in holidays]
    stood = {line.before.date for line in lines if line.before}
    if newly := [day for day in newly if day not in stood]:
        found.append(OnHoliday([f"{day} ({holidays[day]})" for day in sorted(set(newly))]))
    return found
