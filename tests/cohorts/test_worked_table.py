"""Twelve sessions for thirty people, each figure worked out by hand, compared exactly (R11, R13-R20).

A row: who, the marks of sessions 1 to 12, when they joined or left, then the expected sessions present, late,
excused, absent, unmarked and countable, and the three rates as fractions in hundredths of a session (late is
worth 50, excused leaves the denominator), and how many more may be missed at 75 %.

P present, L late (30 of 180 minutes), E excused, A absent, M absent and made up for, C carried over from the cohort
before, . not marked, _ outside the person's time, x cancelled. Session 6 is cancelled; 11 and 12 are still to come.
"""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohorts import rules
from cohorts.models import Enrolment, Session
from cohorts.services import tallies
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.enrolment import transfer, withdraw
from cohorts.services.make_up import credit_make_up
from tests.cohorts.test_rules import policy
from tests.factories import BEFORE, START, cancel_session, make_cohort, make_course, make_enrolment

NAMES = {"P": "present", "L": "late", "E": "excused", "A": "absent", "M": "absent"}
# fmt: off
TABLE = [
    # who            sessions        P   L  E  A  U  all  to date      of planned   best           miss
    ("always",       "PPPPPxPPPP  ", 9,  0, 0, 0, 0, 11, (900, 900),   (900, 1100), (1100, 1100),  2),
    ("never",        "AAAAAxAAAA  ", 0,  0, 0, 9, 0, 11, (0, 900),     (0, 1100),   (200, 1100),   0),
    ("one absent",   "PPAPPxPPPP  ", 8,  0, 0, 1, 0, 11, (800, 900),   (800, 1100), (1000, 1100),  1),
    ("two absent",   "PAPPPxPPPA  ", 7,  0, 0, 2, 0, 11, (700, 900),   (700, 1100), (900, 1100),   0),
    ("three absent", "AAPPPxPPPA  ", 6,  0, 0, 3, 0, 11, (600, 900),   (600, 1100), (800, 1100),   0),
    ("one late",     "LPPPPxPPPP  ", 8,  1, 0, 0, 0, 11, (850, 900),   (850, 1100), (1050, 1100),  2),
    ("all late",     "LLLLLxLLLL  ", 0,  9, 0, 0, 0, 11, (450, 900),   (450, 1100), (650, 1100),   0),
    ("four late",    "LLLLPxPPPP  ", 5,  4, 0, 0, 0, 11, (700, 900),   (700, 1100), (900, 1100),   0),
    ("late, absent", "LAPPPxPPPP  ", 7,  1, 0, 1, 0, 11, (750, 900),   (750, 1100), (950, 1100),   1),
    ("one excused",  "EPPPPxPPPP  ", 8,  0, 1, 0, 0, 11, (800, 800),   (800, 1000), (1000, 1000),  2),
    ("all excused",  "EEEEExEEEE  ", 0,  0, 9, 0, 0, 11, None,         (0, 200),    (200, 200),    0),
    ("sick, absent", "EEEPPxPPPA  ", 5,  0, 3, 1, 0, 11, (500, 600),   (500, 800),  (700, 800),    1),
    ("of each",      "PLEAPxPPPP  ", 6,  1, 1, 1, 0, 11, (650, 800),   (650, 1000), (850, 1000),   1),
    ("unmarked one", "PPPP.xPPPP  ", 8,  0, 0, 0, 1, 11, (800, 900),   (800, 1100), (1100, 1100),  2),
    ("unmarked all", ".....x....  ", 0,  0, 0, 0, 9, 11, (0, 900),     (0, 1100),   (1100, 1100),  2),
    ("unmarked, A",  "P.A.PxPPPP  ", 6,  0, 0, 1, 2, 11, (600, 900),   (600, 1100), (1000, 1100),  1),
    ("two of each",  "PPLLExEAA.  ", 2,  2, 2, 2, 1, 11, (300, 700),   (300, 900),  (600, 900),    0),
    ("half",         "PAPAPxAPAP  ", 5,  0, 0, 4, 0, 11, (500, 900),   (500, 1100), (700, 1100),   0),
    ("made up",      "MPPPPxPPPA  ", 8,  0, 0, 1, 0, 11, (800, 900),   (800, 1100), (1000, 1100),  1),
    ("all made up",  "MMMPPxPPPP  ", 9,  0, 0, 0, 0, 11, (900, 900),   (900, 1100), (1100, 1100),  2),
    ("moved, credit","CC___xPPAP  ", 5,  0, 0, 1, 0, 8,  (500, 600),   (500, 800),  (700, 800),    1),
    ("three lates",  "LPPLPxPPLP  ", 6,  3, 0, 0, 0, 11, (750, 900),   (750, 1100), (950, 1100),   1),
    ("excused half", "EPEPExPEPE  ", 4,  0, 5, 0, 0, 11, (400, 400),   (400, 600),  (600, 600),    1),
    ("joined at 4",  "___PPxPPPP  ", 6,  0, 0, 0, 0, 8,  (600, 600),   (600, 800),  (800, 800),    2),
    ("joined, miss", "___PAxPPPP  ", 5,  0, 0, 1, 0, 8,  (500, 600),   (500, 800),  (700, 800),    1),
    ("joined at 9",  "_____x__PL  ", 1,  1, 0, 0, 0, 4,  (150, 200),   (150, 400),  (350, 400),    0),
    ("left at 8",    "PPPPPxP_____", 6,  0, 0, 0, 0, 6,  (600, 600),   (600, 600),  (600, 600),    0),
    ("left, missed", "PAPPPxL_____", 4,  1, 0, 1, 0, 6,  (450, 600),   (450, 600),  (450, 600),    0),
    ("moved away",   "PPPAPx______", 4,  0, 0, 1, 0, 5,  (400, 500),   (400, 500),  (400, 500),    0),
    ("moved in",     "_____xPPEP  ", 3,  0, 1, 0, 0, 6,  (300, 300),   (300, 500),  (500, 500),    1),
]
# The same people where minutes are counted: to date, of planned, best, and how many more may be missed.
BY_MINUTES = {
    "always":        ((1620, 1620),  (1620, 1980),  (1980, 1980),  2),
    "never":         ((0, 1620),     (0, 1980),     (360, 1980),   0),
    "one absent":    ((1440, 1620),  (1440, 1980),  (1800, 1980),  1),
    "two absent":    ((1260, 1620),  (1260, 1980),  (1620, 1980),  0),
    "three absent":  ((1080, 1620),  (1080, 1980),  (1440, 1980),  0),
    "one late":      ((1470, 1620),  (1470, 1980),  (1830, 1980),  1),
    "all late":      ((270, 1620),   (270, 1980),   (630, 1980),   0),
    "four late":     ((1020, 1620),  (1020, 1980),  (1380, 1980),  0),
    "late, absent":  ((1290, 1620),  (1290, 1980),  (1650, 1980),  0),
    "one excused":   ((1440, 1440),  (1440, 1800),  (1800, 1800),  2),
    "all excused":   (None,          (0, 360),      (360, 360),    0),
    "sick, absent":  ((900, 1080),   (900, 1440),   (1260, 1440),  1),
    "of each":       ((1110, 1440),  (1110, 1800),  (1470, 1800),  0),
    "unmarked one":  ((1440, 1620),  (1440, 1980),  (1980, 1980),  2),
    "unmarked all":  ((0, 1620),     (0, 1980),     (1980, 1980),  2),
    "unmarked, A":   ((1080, 1620),  (1080, 1980),  (1800, 1980),  1),
    "two of each":   ((420, 1260),   (420, 1620),   (960, 1620),   0),
    "half":          ((900, 1620),   (900, 1980),   (1260, 1980),  0),
    "made up":       ((1440, 1620),  (1440, 1980),  (1800, 1980),  1),
    "all made up":   ((1620, 1620),  (1620, 1980),  (1980, 1980),  2),
    "moved, credit": ((900, 1080),   (900, 1440),   (1260, 1440),  1),
    "three lates":   ((1170, 1620),  (1170, 1980),  (1530, 1980),  0),
    "excused half":  ((720, 720),    (720, 1080),   (1080, 1080),  1),
    "joined at 4":   ((1080, 1080),  (1080, 1440),  (1440, 1440),  2),
    "joined, miss":  ((900, 1080),   (900, 1440),   (1260, 1440),  1),
    "joined at 9":   ((210, 360),    (210, 720),    (570, 720),    0),
    "left at 8":     ((1080, 1080),  (1080, 1080),  (1080, 1080),  0),
    "left, missed":  ((750, 1080),   (750, 1080),   (750, 1080),   0),
    "moved away":    ((720, 900),    (720, 900),    (720, 900),    0),
    "moved in":      ((540, 540),    (540, 900),    (900, 900),    1),
}
# fmt: on
JOINED = {"joined at 4": 4, "joined, miss": 4, "joined at 9": 9}
ELSEWHERE = {"moved in": "     ", "moved, credit": "PPA  "}  # marks of sessions 1 to 5 in the cohort before
LEFT = {"left at 8": 8, "left, missed": 8, "moved away": 7}


def starts(number):
    return START + timedelta(days=number - 1)


@pytest.fixture
def world(request):
    """Play the table through the services: registers, a cancellation, late joiners, leavers, transfers, make-up."""
    course = make_course("TAB", counted_by=getattr(request, "param", "sessions"))
    cohort, other = (make_cohort(code, course=course, sessions=12, capacity=60) for code in ("TAB-1", "TAB-2"))
    people = {}
    for row in TABLE:
        joined = starts(JOINED[row[0]]) - timedelta(hours=1) if row[0] in JOINED else BEFORE
        people[row[0]] = make_enrolment(other if row[0] in ELSEWHERE else cohort, at=joined)
    for number in range(1, 6):
        _mark(other, number, {people[name].pk: letters[number - 1] for name, letters in ELSEWHERE.items()})
    for number in range(1, 13):
        at = starts(number) - timedelta(minutes=30)
        for name in [name for name, last in LEFT.items() if last == number]:
            if name.startswith("moved"):
                transfer(enrolment=people[name], cohort=other, by=None, at=at)
            else:
                withdraw(enrolment=people[name], by=None, at=at, notify=False)
        if number == 7:
            for name in ELSEWHERE:
                people[name] = transfer(enrolment=people[name], cohort=cohort, by=None, at=at, carry=True)
        _hold(cohort, number, people)
    _make_up(cohort, people)
    return {name: Enrolment.objects.get(pk=each.pk) for name, each in people.items()}


def _hold(cohort, number, people):
    session = Session.objects.get(cohort=cohort, number=number)
    if number == 6:
        cancel_session(session, "the hall was flooded")
        return
    _mark(cohort, number, {people[row[0]].pk: row[1][number - 1] for row in TABLE})


def _mark(cohort, number, letters):
    session = Session.objects.get(cohort=cohort, number=number)
    marks = [
        Mark(pk, NAMES[letter], 30 if letter == "L" else None) for pk, letter in letters.items() if letter in NAMES
    ]
    if marks:
        mark_attendance(session=session, marks=marks, version=None, by=None, at=session.ends_at)


def _make_up(cohort, people):
    for name, letters, *_rest in TABLE:
        for number in [n for n, letter in enumerate(letters, 1) if letter == "M"]:
            missed = Session.objects.get(cohort=cohort, number=number)
            facts = {"attended": None, "on": missed.date, "note": "the same lesson, one to one", "by": None}
            credit_make_up(enrolment=people[name], missed=missed, at=starts(11), **facts)


@pytest.mark.django_db
def test_thirty_people_by_hand(world):
    assert len(TABLE) == 30
    rule = tallies.policy_of(world["always"].cohort)
    found = []
    for row in TABLE:
        each = world[row[0]]
        rates = rules.compute_rates(each, rule)
        shown = [(rate.earned, rate.possible) if rate else None for rate in _three(rates)]
        counted = [getattr(each, f"sessions_{name}") for name in ("present", "late", "excused", "absent", "unmarked")]
        found.append((*row[:2], *counted, each.sessions_planned, *shown, rates.can_still_miss))

    assert found == TABLE


@pytest.mark.django_db
@pytest.mark.parametrize("world", ["minutes"], indirect=True)
def test_thirty_people_by_hand_in_minutes(world):
    rule = tallies.policy_of(world["always"].cohort)

    found = {name: rules.compute_rates(each, rule) for name, each in world.items()}

    assert {
        name: (*[(rate.earned, rate.possible) if rate else None for rate in _three(rates)], rates.can_still_miss)
        for name, rates in found.items()
    } == BY_MINUTES


@pytest.mark.django_db
def test_the_parts_add_up_for_everybody_and_equal_the_letters(world):
    for name, letters, *_rest in TABLE:
        each = world[name]
        parts = each.sessions_present + each.sessions_late + each.sessions_excused + each.sessions_absent
        countable = [letter for letter in letters if letter not in "x_ "]
        assert parts + each.sessions_unmarked == len(countable)  # R20
        assert each.sessions_planned == len([letter for letter in letters if letter not in "x_"])


def _three(rates):
    return rates.to_date, rates.of_planned, rates.best_reachable


# The same by property: any marks, any policy.

marks = st.lists(st.sampled_from(["present", "late", "excused", "absent", None]), max_size=40)
policies = st.builds(
    policy,
    counted_by=st.sampled_from(["minutes", "sessions"]),
    late_weight_percent=st.integers(0, 100),
    excused=st.sampled_from(["out", "present", "absent"]),
    minimum_percent=st.integers(0, 100),
    inclusive=st.booleans(),
)


def _count(given_marks, lengths, attended, to_come):
    """Tally marks the way the service does, through its own counting."""
    cohort_sessions = [
        Session(pk=n, minutes=length, state="held" if n < len(given_marks) else "planned", starts_at=starts(n + 1))
        for n, length in enumerate([*lengths, *[60] * to_come])
    ]
    for session in cohort_sessions:
        session.ends_at = session.starts_at + timedelta(minutes=session.minutes)
    made = {
        n: (mark, min(attended[n], lengths[n]) if mark == "late" else lengths[n] if mark == "present" else 0)
        for n, mark in enumerate(given_marks)
        if mark
    }
    counted = tallies._count(Enrolment(enrolled_at=BEFORE), cohort_sessions, made, policy())
    return Enrolment(**counted)


@given(marks, st.data(), st.integers(0, 12), policies)
def test_parts_equal_the_countable_sessions_and_best_is_never_below_the_final_rate(given_marks, data, to_come, rule):
    size = len(given_marks)
    lengths = data.draw(st.lists(st.integers(30, 240), min_size=size, max_size=size))
    attended = data.draw(st.lists(st.integers(0, 240), min_size=size, max_size=size))
    now = _count(given_marks, lengths, attended, to_come)
    rest = data.draw(
        st.lists(st.sampled_from(["present", "late", "excused", "absent"]), min_size=to_come, max_size=to_come)
    )
    settled = [each or data.draw(st.sampled_from(["present", "late", "excused", "absent"])) for each in given_marks]

    then = _count(settled + rest, [*lengths, *[60] * to_come], [*attended, *[60] * to_come], 0)

    parts = now.sessions_present + now.sessions_late + now.sessions_excused + now.sessions_absent
    assert parts + now.sessions_unmarked == size  # R20
    assert now.sessions_planned == size + to_come
    best, final = rules.compute_rates(now, rule).best_reachable, rules.compute_rates(then, rule).to_date
    if final is not None:
        assert best.earned * final.possible >= final.earned * best.possible
