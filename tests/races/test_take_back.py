"""Marks of an import taken back twice while somebody marks by hand: at the same moment."""

from collections import Counter
from datetime import timedelta

import pytest

from cohorts.models import AttendanceChange, AttendanceRecord
from cohorts.services.attendance import Mark
from cohorts.services.ledger import find_differences
from cohorts.services.meetings import add_file, confirm_report, take_back_marks
from tests.cohorts.meetings.files import table
from tests.factories import make_cohort, make_enrolment, make_trainee
from tests.races.test_registers import at_once, save

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time


def test_two_take_backs_and_two_hands_lose_no_mark_made_by_hand(settings, tmp_path):
    settings.MEETINGS_DIR = tmp_path
    cohort = make_cohort(capacity=40)
    names = [f"Trainee {letter}{letter.lower()}ra Khan" for letter in "ABCDEFGHIJKLMNOP"]
    ids = [make_enrolment(cohort, make_trainee(full_name=name)).pk for name in names]
    session = cohort.sessions.order_by("number")[0]
    at = session.ends_at + timedelta(hours=1)
    rows = [["Name", "Join Time", "Leave Time"]]
    rows += [[name, f"{session.date} 10:00:00", f"{session.date} 13:00:00"] for name in names]
    report = add_file(session=session, name="a.csv", chunks=[table(rows).encode()], by=None, at=at).file.report
    confirm_report(report=report, by=None, at=at)
    assert AttendanceRecord.objects.count() == len(ids)

    def take_back():
        return take_back_marks(session=session, reason="wrong file", by=None, at=at)

    at_once(
        [
            take_back,
            save(session, [Mark(pk, "late") for pk in ids[:4]], None),
            take_back,
            save(session, [Mark(pk, "excused") for pk in ids[4:6]], None),
        ]
    )

    stands = dict(AttendanceRecord.objects.values_list("enrolment_id", "status"))
    assert stands == dict.fromkeys(ids[:4], "late") | dict.fromkeys(ids[4:6], "excused")
    lines = AttendanceChange.objects.filter(channel="take-back").values_list("enrolment_id", flat=True)
    assert max(Counter(lines).values()) == 1
    assert find_differences(cohort)[1] == []
