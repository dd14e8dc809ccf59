"""What the page of a meeting report shows of people: bars on one scale, reasons in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.imports.meetings.words import fold
from cohorts.meeting_words import HOW
from cohorts.models import Alias, Enrolment, LeaveRequest, MeetingReport, ReportPerson, Session
from cohorts.presence import Span, clip, length, union

WIDTH = 1000
OFTEN = 3  # sessions from which somebody's habit can be told
MARGIN_PERCENT = 8  # of the session, shown before and after it


@dataclass(frozen=True)
class Bar:
    """A piece of time as a rectangle: inside the session or outside."""

    x: int
    width: int
    inside: bool


@dataclass(frozen=True)
class Choice:
    """A candidate as the page shows one."""

    enrolment: Enrolment
    act: str
    bars: Sequence[Bar]
    taken: bool  # met already under another label
    reasons: Sequence[tuple[str, str]]  # kind, sentence


class Scale:
    """Places instants of a session on a line of fixed width."""

    def __init__(self, session: Session) -> None:
        self.session_row = session
        self.start, self.end = int(session.starts_at.timestamp()), int(session.ends_at.timestamp())
        margin = (self.end - self.start) * MARGIN_PERCENT // 100
        self.low, self.high = self.start - margin, self.end + margin
        self.zone = ZoneInfo(session.cohort.time_zone)

    def bars(self, spans: Iterable[Span]) -> list[Bar]:
        """Return the rectangles of spans, cut at the edges of the session."""
        pieces: list[Bar] = []
        for low, high, inside in (
            (self.low, self.start, False),
            (self.start, self.end, True),
            (self.end, self.high, False),
        ):
            for start, end in clip(union(spans), low, high):
                x = (start - self.low) * WIDTH // (self.high - self.low)
                pieces.append(Bar(x, max(2, (end - self.low) * WIDTH // (self.high - self.low) - x), inside))
        return pieces

    def session(self) -> Bar:
        return self.bars([(self.start, self.end)])[0]

    def ticks(self) -> list[str]:
        """Return the clock at equal steps from start to end, hours where they fit."""
        hours = (self.end - self.start) // 3600
        steps = hours if hours * 3600 == self.end - self.start and 0 < hours <= 4 else 2
        return [self.clock(self.start + (self.end - self.start) * n // steps) for n in range(steps + 1)]

    def clock(self, second: int) -> str:
        return datetime.fromtimestamp(second, UTC).astimezone(self.zone).strftime("%H:%M")


def tell_seconds(seconds: int) -> str:
    """Return a length as "2 h 48 min"; minutes are cut."""
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return _("%(hours)d h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    return _("%d min") % minutes


def other_sessions(report: MeetingReport) -> list[int]:
    """Return the sessions that the files speak of beside this one."""
    found = {pk for facts in report.assumed.values() for pk in facts["sessions"]}
    return sorted(found - {report.session_id})


def choices_of(
    person: ReportPerson, scale: Scale, enrolments: Mapping[int, Enrolment], people: Sequence[ReportPerson]
) -> list[Choice]:
    """Return the candidates of a label, each with what speaks for and against them. Four queries."""
    ids = [each[0] for each in person.candidates if each[0] in enrolments]
    known = Known(ids, scale.session_row)
    chosen = []
    for enrolment_id, _score, reasons in person.candidates:
        if enrolment_id not in enrolments:
            continue
        enrolment = enrolments[enrolment_id]
        others = [each for each in people if each.enrolment_id == enrolment_id and each.pk != person.pk]
        spans = [(start, end) for each in others for start, end in each.spans]
        said = [*_reasons(reasons, known.confirmed.get((enrolment_id, fold(person.label))))]
        said += [
            *known.absence(enrolment_id),
            *_beside(person, others, spans, scale),
            *known.habit(enrolment_id, scale),
        ]
        bars = scale.bars(spans or [(start, end) for start, end in person.spans])
        chosen.append(Choice(enrolment, _act(enrolment), bars, bool(others), said))
    return chosen


class Known:
    """What is known of some candidates apart from this label: confirmed labels, leave, mark, when they usually join."""

    def __init__(self, ids: Sequence[int], session: Session) -> None:
        """Read it. Four queries."""
        aliases = Alias.objects.filter(trainee__enrolments__in=ids)
        found = aliases.values_list("trainee__enrolments", "key", "confirmed_at")
        self.confirmed = {(pk, key): at for pk, key, at in found if pk in ids}
        leave = LeaveRequest.objects.filter(enrolment__in=ids, status=LeaveRequest.Status.APPROVED)
        covering = leave.filter(starts_on__lte=session.date, ends_on__gte=session.date)
        self.on_leave = set(covering.values_list("enrolment_id", flat=True))
        self.statuses = dict(session.records.filter(enrolment__in=ids).values_list("enrolment_id", "status"))
        met = ReportPerson.objects.filter(enrolment__in=ids, first_at__isnull=False).exclude(report__session=session)
        self.arrivals: dict[int, list[int]] = {}
        for pk, spans, starts_at in met.values_list("enrolment_id", "spans", "report__session__starts_at"):
            if spans:
                self.arrivals.setdefault(pk, []).append(min(spans)[0] - int(starts_at.timestamp()))

    def absence(self, enrolment_id: int) -> Iterable[tuple[str, str]]:
        if enrolment_id in self.on_leave:
            yield "warn", _("On approved leave that day")
        elif self.statuses.get(enrolment_id) == "excused":
            yield "warn", _("Excused in the register")

    def habit(self, enrolment_id: int, scale: Scale) -> Iterable[tuple[str, str]]:
        """Say when somebody usually joins, from three other sessions on: median and median difference."""
        arrivals = self.arrivals.get(enrolment_id, [])
        if len(arrivals) >= OFTEN:
            usual = round(median(arrivals))
            spread = max(1, round(median(abs(each - usual) for each in arrivals) / 60))
            said = _("Usually joins at %(at)s, give or take %(n)d min")
            yield "clock", said % {"at": scale.clock(scale.start + usual), "n": spread}


def _act(enrolment: Enrolment) -> str:
    return {"M": _("This is him"), "F": _("This is her")}.get(enrolment.trainee.gender, _("This is the one"))


def _reasons(reasons: Sequence[str], confirmed: datetime | None) -> Iterable[tuple[str, str]]:
    words = {
        "e-mail": ("good", _("Has this e-mail address")),
        "number": ("good", _("Has this trainee number")),
        "digits": ("good", _("The trainee number ends with these digits")),
        "name": ("good", _("Has exactly this name")),
        "word": ("plain", _("Shares a word of the name")),
        "begins": ("plain", _("A name that begins so")),
        "e-mail name": ("plain", _("The address looks like the name")),
        "like": ("plain", _("Only alike")),
    }
    if confirmed is not None:
        yield "good", _("This label was confirmed on %s") % f"{confirmed:%d %B}"
    yield from (words[reason] for reason in reasons if reason in words)


def _beside(
    person: ReportPerson, others: Sequence[ReportPerson], spans: list[Span], scale: Scale
) -> Iterable[tuple[str, str]]:
    """Say how a candidate's own time goes with the label's."""
    if not others:
        yield "good", _("Not met in this file so far")
        return
    own = union((start, end) for start, end in person.spans)
    theirs = union(spans)
    more = length(clip(union([*own, *theirs]), scale.start, scale.end)) - length(clip(theirs, scale.start, scale.end))
    label = others[0].label
    overlap = length(own) + length(theirs) - length(union([*own, *theirs]))
    if overlap:
        yield "bad", _("Already found as “%s”, at the same time") % label
    else:
        yield "plain", _("Already found as “%s”, at another time") % label
    yield (
        ("plain", _("A second device would add no minutes"))
        if more < 60
        else ("plain", _("It would add %s") % tell_seconds(more))
    )


def tell_how(person: ReportPerson) -> str:
    return str(HOW.get(person.how, person.how))


def details_of(person: ReportPerson, scale: Scale, late_after: int) -> dict[str, Any]:
    """Return the sentence over a label's bar: joins, time inside, share, on time or late."""
    share = person.seconds_in_session * 100 // (scale.end - scale.start)
    late = (person.first_at - scale.start) // 60 if person.first_at is not None else 0
    return {
        "rows": ngettext("%d row", "%d rows", person.rows) % person.rows,
        "time": tell_seconds(person.seconds_in_session),
        "share": share,
        "late": _("%d minutes late") % late if late > late_after else _("on time"),
        "why": tell_how(person),
        "timed": bool(person.spans) or bool(person.seconds_union),
        "bars": scale.bars([(start, end) for start, end in person.spans]),
    }
