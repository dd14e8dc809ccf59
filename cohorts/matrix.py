"""The page of a cohort: its people by sessions, those at risk first, and the pictures above them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cohorts import rules
from cohorts.models import AttendanceRecord, Cohort, Enrolment, Session
from cohorts.rules.warnings import count_in_row
from cohorts.services.tallies import counts_for
from trainees.rules.search import fold_number, search_words

SHOWN_ON_PHONE = 16
WIDE = 20  # columns of 24 px that a narrow desk has room for
WELL_SHOWN = 10
STANDS = dict([*Enrolment.Standing.choices, *Enrolment.Status.choices])
OUTCOMES = (Enrolment.Status.NOT_COMPLETED, Enrolment.Status.COMPLETED)
GROUPS = (
    (Enrolment.Status.NOT_COMPLETED, "hn-bad"),
    ("cannot_reach", "hn-bad"),
    ("at_risk", "hn-warn"),
    ("on_track", "hn-good"),
    (Enrolment.Status.COMPLETED, "hn-good"),
    ("no_rate", "hn-quiet"),
)
CUT = ("on_track", Enrolment.Status.COMPLETED)
HEIGHT, TOP = 44.0, 4.0


@dataclass(frozen=True)
class Column:
    """One session above its marks: what share came, and whether it is near enough for a phone."""

    session: Session
    percent: int | None
    bar: SafeString
    is_far: bool
    is_named: bool


@dataclass(frozen=True)
class Row:
    """One person: a mark per session, the rates, and what a filter asks for."""

    enrolment: Enrolment
    cells: list[tuple[str, bool]]  # what stands there, and whether a phone leaves it out
    rates: rules.Rates
    in_row: int
    missed_last: bool

    @property
    def stands(self) -> str:
        """The outcome, or the standing as long as there is none."""
        return self.enrolment.status if self.enrolment.status in OUTCOMES else self.enrolment.standing

    @property
    def is_excepted(self) -> bool:
        """Whether an exception decided the outcome, which is said wherever it is shown (R46)."""
        return any(reason["code"] == "exception" for reason in self.enrolment.reasons)


@dataclass(frozen=True)
class Matrix:
    """All people of a cohort by its sessions."""

    columns: list[Column]
    rows: list[Row]

    @property
    def average(self) -> rules.Rate | None:
        """The share of the possible minutes that all of them attended; none while nothing was possible (R16)."""
        people = [row.enrolment for row in self.rows]
        earned = sum(each.minutes_present + each.minutes_late for each in people)
        scheduled = (each.minutes_present_scheduled + each.minutes_late_scheduled for each in people)
        possible = sum(scheduled) + sum(each.minutes_absent for each in people)
        return rules.Rate(earned, possible) if possible else None

    @property
    def is_dense(self) -> bool:
        """Whether the columns stand closer than the 24 px that a link needs: then the numbers stand in two lines."""
        return len(self.columns) > WIDE

    def count(self, show: str) -> int:
        return sum(FILTERS[show](row) for row in self.rows)


FILTERS: dict[str, Any] = {
    "at_risk": lambda row: row.enrolment.standing in ("at_risk", "cannot_reach"),
    "missed_last": lambda row: row.missed_last,
    "unmarked": lambda row: row.enrolment.sessions_unmarked > 0,
}


def build_matrix(*, cohort: Cohort, sessions: Sequence[Session], policy: Any, now: datetime) -> Matrix:
    """Return everybody on the register with a cell per session. Two queries."""
    enrolments = list(_people(cohort))
    marks: dict[int, dict[int, str]] = {each.pk: {} for each in enrolments}
    attended: dict[int, list[int]] = {each.pk: [0, 0] for each in sessions}
    records = AttendanceRecord.objects.filter(enrolment__in=list(marks))
    for enrolment_id, session_id, status in records.values_list("enrolment_id", "session_id", "status"):
        marks[enrolment_id][session_id] = status
        if status != "excused" and session_id in attended:
            attended[session_id][0] += status in ("present", "late")
            attended[session_id][1] += 1
    last = max((each.ends_at for each in sessions), default=now)
    near = _near(sessions)
    columns = [_column(n, each, attended[each.pk], near, policy.minimum_percent) for n, each in enumerate(sessions)]
    return Matrix(columns, [_row(each, sessions, marks[each.pk], policy, last, near) for each in enrolments])


def _people(cohort: Cohort) -> QuerySet[Enrolment]:
    people = cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id")
    return people.defer("trainee__cnic")  # opening forty sealed numbers costs more than the page


def _near(sessions: Sequence[Session]) -> range:
    """Return the places of the sessions that a phone shows: the last that were held, else the first."""
    held = [n for n, each in enumerate(sessions) if each.state == Session.State.HELD]
    end = max(held[-1] + 1 if held else 0, min(SHOWN_ON_PHONE, len(sessions)))
    return range(max(0, end - SHOWN_ON_PHONE), end)


def _column(n: int, session: Session, attended: list[int], near: range, minimum: int) -> Column:
    came, of = attended
    percent = came * 100 // of if of else None
    named = session.number == 1 or session.number % 5 == 0
    return Column(session, percent, _draw_bar(session, percent, minimum), n not in near, named)


def _draw_bar(session: Session, percent: int | None, minimum: int) -> SafeString:
    """Return a session's bar; the line of the minimum runs on through all of them."""
    level = TOP + (100 - minimum) / 100 * (HEIGHT - TOP)
    if session.state == Session.State.CANCELLED:
        shape = f'<path class="hn-cancelled" d="M4 {HEIGHT - 10}l5 5m0-5l-5 5"/>'
    elif percent is None:
        shape = f'<rect class="hn-tocome" x="1.5" y="{HEIGHT - 8}" width="10" height="7" rx="2"/>'
    else:
        tall = max(2.0, percent / 100 * (HEIGHT - TOP))
        tone = "hn-s3" if percent < minimum else "hn-s4"
        shape = f'<rect class="{tone}" x="1" y="{HEIGHT - tall:.1f}" width="11" height="{tall:.1f}" rx="1.5"/>'
    line = f'<path class="hn-min" d="M0 {level:.1f}H13"/>'
    box = f'viewBox="0 0 13 {HEIGHT:.0f}" preserveAspectRatio="none"'
    return mark_safe(f'<svg class="hn-colbar" {box} aria-hidden="true">{shape}{line}</svg>')  # noqa: S308


def _row(
    enrolment: Enrolment, sessions: Sequence[Session], marks: dict[int, str], policy: Any, last: datetime, near: range
) -> Row:
    held = [marks[each.pk] for each in sessions if each.pk in marks and each.state == Session.State.HELD]
    stands = [marks.get(each.pk) or _without_mark(enrolment, each, last) for each in sessions]
    return Row(
        enrolment=enrolment,
        cells=[(mark, n not in near) for n, mark in enumerate(stands)],
        rates=rules.compute_rates(enrolment, policy),
        in_row=count_in_row(held),
        missed_last=bool(held) and held[-1] == "absent",
    )


def _without_mark(enrolment: Enrolment, session: Session, last: datetime) -> str:
    """Return what a session without a mark is for a trainee; empty outside their time (R11)."""
    if session.state == Session.State.CANCELLED:
        return "cancelled"
    if not counts_for(enrolment, session, last):
        return ""
    return "unmarked" if session.state == Session.State.HELD else "planned"


def group_rows(matrix: Matrix, *, show: str, name: str, whole: bool) -> list[dict[str, Any]]:
    """Return the rows by outcome or standing, each group's worst first; of who does well the first unless `whole`."""
    wanted = [row for row in matrix.rows if show not in FILTERS or FILTERS[show](row)]
    if name.strip():
        wanted = [row for row in wanted if _is_called(row, name)]
    groups = []
    for code, tone in GROUPS:
        here = [row for row in wanted if row.stands == code]
        here.sort(key=lambda row: row.rates.to_date.permille if row.rates.to_date else 1001)
        cut = WELL_SHOWN if code in CUT and not whole and len(here) > WELL_SHOWN + 3 else len(here)
        if here:
            facts = {"code": code, "label": STANDS[code], "tone": tone}
            groups.append({**facts, "rows": here[:cut], "total": len(here), "hidden": len(here) - cut})
    return groups


def _is_called(row: Row, typed: str) -> bool:
    """Tell whether a person is meant, as a list of the office searches: a part of the number, or words of the name."""
    trainee = row.enrolment.trainee
    if any(letter.isdigit() for letter in typed):
        return fold_number(typed) in fold_number(trainee.number)
    words = search_words(typed)
    return bool(words) and all(f" {word}" in trainee.search_key for word in words)


def draw_progress(*, first: date, last: date, today: date, words: str, width: float = 900) -> SafeString:
    """Return the line from the first to the last session with where today stands on it; its words stand below."""
    whole = max(1, (last - first).days)
    share = min(1.0, max(0.0, (today - first).days / whole))
    at, left, right = 8 + share * (width - 16), 8.0, width - 8
    anchor = "start" if at < 70 else "end" if at > width - 70 else "middle"
    inside = first <= today <= last
    shapes = [
        f'<path class="hn-way" d="M{left} 10H{right}"/><path class="hn-gone" d="M{left} 10H{at:.1f}"/>',
        _text(left, 30, "start", date_format(first, "j M Y")),
        _text(left, 45, "start", _("first session"), "hn-axis"),
        _text(right, 30, "end", date_format(last, "j M Y")),
        _text(right, 45, "end", _("last session"), "hn-axis"),
    ]
    if inside:
        shapes.append(f'<circle class="hn-here" cx="{at:.1f}" cy="10" r="6"/>')
        crowded = min(at - left, right - at) < 150
        y = 64 if crowded else 30
        shapes.append(_text(at, y, anchor, _("today"), "hn-waytoday"))
        shapes.append(_text(at, y + 15, anchor, words, "hn-axis"))
        height = y + 20
    else:
        height = 50
    said = f"{date_format(first, 'j F Y')} – {date_format(last, 'j F Y')}; {words}"
    box = f'viewBox="0 0 {width:.0f} {height}" role="img" aria-label="{escape(said)}"'
    return mark_safe(f'<svg class="hn-progressline" {box}>{"".join(shapes)}</svg>')  # noqa: S308


def _text(x: float, y: float, anchor: str, words: str, kind: str = "hn-waytext") -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
