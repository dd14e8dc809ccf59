"""Twelve sessions for thirty people, each figure worked out by hand, compared exactly (R11, R13-R20).

A row: who, the marks of sessions 1 to 12, when they joined or left, then the expected sessions present, late,
excused, absent, unmarked and countable, and the three rates as fractions in hundredths of a session (late is
worth 50, excused leaves the denominator), and how many more may be missed at 75 %.

P present, L late (30 of 60 minutes), E excused, A absent, . not marked, _ outside the person's time, x cancelled.
Session 6 is cancelled; sessions 11 and 12 are still to come.
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
from tests.cohorts.test_rules import policy
from tests.factories import BEFORE, START, cancel_session, make_cohort, make_course, make_enrolment

NAMES = {"P": "present", "L": "late", "E": "excused", "A": "absent"}
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
    ("late end",     "PPPPPxPPPL  ", 8,  1, 0, 0, 0, 11, (850, 900),   (850, 1100), (1050, 1100),  2),
    ("excused end",  "PPPPPxPPPE  ", 8,  0, 1, 0, 0, 11, (800, 800),   (800, 1000), (1000, 1000),  2),
    ("absent end",   "PPPPPxPPAA  ", 7,  0, 0, 2, 0, 11, (700, 900),   (700, 1100), (900, 1100),   0),
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
# fmt: on
JOINED = {"joined at 4": 4, "joined, miss": 4, "joined at 9": 9}
LEFT = {"left at 8": 8, "left, missed": 8, "moved away": 7}


def starts(number):
    return START + timedelta(days=number - 1)


@pytest.fixture
def world():
    """Play the table through the services: registers, one cancellation, late joiners, leavers, transfers."""
    course = make_course("TAB", counted_by="sessions")
    cohort, other = (make_cohort(code, course=course, sessions=12, capacity=60) for code in ("TAB-1", "TAB-2"))
    people = {}
    for row in TABLE:
        joined = starts(JOINED[row[0]]) - timedelta(hours=1) if row[0] in JOINED else BEFORE
        people[row[0]] = make_enrolment(other if row[0] == "moved in" else cohort, at=joined)
    for number in range(1, 13):
        at = starts(number) - timedelta(minutes=30)
        for name in [name for name, last in LEFT.items() if last == number]:
            if name.startswith("moved"):
                transfer(enrolment=people[name], cohort=other, by=None, at=at)
            else:
                withdraw(enrolment=people[name], by=None, at=at, notify=False)
        if number == 7:
            people["moved in"] = transfer(enrolment=people["moved in"], cohort=cohort, by=None, at=at)
        _hold(cohort, number, people)
    return {name: Enrolment.objects.get(pk=each.pk) for name, each in people.items()}


def _hold(cohort, number, people):
    session = Session.objects.get(cohort=cohort, number=number)
    if number == 6:
        cancel_session(session, "the hall was flooded")
        return
    letters = {people[row[0]].pk: row[1][number - 1] for row in TABLE}
    marks = [
        Mark(pk, NAMES[letter], 30 if letter == "L" else None) for pk, letter in letters.items() if letter in NAMES
    ]
    if marks:
        mark_attendance(session=session, marks=marks, version=None, by=None, at=session.ends_at)


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
