"""What was assumed of a file is changed: clocks, dates, signs; what follows, what is kept, what is refused."""

import pytest
from django.core.exceptions import ValidationError

from audit.models import AuditEntry
from cohorts.imports.meetings.given import Given
from cohorts.models import Alias, MeetingReport, ReportPerson
from cohorts.services.meetings import (
    confirm_report,
    decide_person,
    propose_report,
    read_kept,
    settle_file,
    share_files,
)
from tests.cohorts.meetings.files import HEADER, NAMES, row, table
from tests.cohorts.meetings.reports import add, add_failing, facts, people, settle
from tests.factories import LATER, make_instructor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_time_zone_settled_by_a_person_is_followed_at_once(cohort):
    file = add(cohort, table([HEADER, row("Sara Ahmed Khan", "04:30:00", "08:00:00")]))
    assert people() == {"Sara Ahmed Khan": ("match", 3 * 3600)}  # found to be UTC

    effect = settle(file, time_zone="Asia/Karachi")

    assert people() == {}
    assert (effect.before, effect.after) == ((1, 0), (0, 0))
    assert facts(file)["zone"] == {"value": "Asia/Karachi", "source": "given", "sure": True}


def test_two_files_of_a_report_keep_their_own_zones(cohort):
    first = add(cohort, table([HEADER, row("Sara Ahmed Khan", "05:00:00", "06:00:00")]))
    second = add(cohort, table([HEADER, row("Sara Ahmed Khan", "11:00:00", "12:00:00")]), "second.csv")

    settle(first, time_zone="UTC")
    settle(second, time_zone="Asia/Karachi")

    assert people() == {"Sara Ahmed Khan": ("match", 2 * 3600)}


def test_a_sign_of_a_register_is_settled(cohort):
    sheet = table([["Name", "04 May 2020"], *zip(NAMES, "PLLA", strict=True)])
    file = add(cohort, sheet)
    assert {each.status for each in ReportPerson.objects.all()} == {"present", "late", "absent"}

    settle(file, late_sign="excused")

    assert {each.status for each in ReportPerson.objects.all()} == {"present", "excused", "absent"}


@pytest.mark.parametrize(
    ("given", "field", "text"),
    [
        ({"columns": {0: "email", 1: "email"}, "header_line": 1}, "columns", "Columns 1 and 2 are both called"),
        ({"columns": {17: "email"}, "header_line": 1}, "columns", "There is no column 18: the table has 6"),
        ({"columns": {1: "shoe size"}, "header_line": 1}, "columns", "No column can mean"),
        ({"encoding": "rot13"}, "encoding", "no encoding that we read"),
        ({"delimiter": "x"}, "delimiter", "Choose a comma"),
        ({"header_line": -1}, "header_line", "Give a line from 1"),
        ({"date_order": "dym"}, "date_order", "dmy, mdy or ymd"),
        ({"time_zone": "Mars/Olympus"}, "time_zone", "no time zone of this name"),
        ({"time_zone": "\x00"}, "time_zone", "no time zone of this name"),
        ({"late_sign": "lazy"}, "late_sign", "late or leave"),
    ],
)
def test_nonsense_is_refused_by_field_and_changes_nothing(cohort, given, field, text):
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    before = people()

    with pytest.raises(ValidationError, match=text) as caught:
        settle(file, **given)

    assert set(caught.value.message_dict) == {field}
    assert people() == before
    assert not AuditEntry.objects.filter(act="meeting.settle").exists()


def test_decisions_and_aliases_survive_another_reading_and_back(cohort):
    rows = [[*HEADER, "Account"], [*row("bilo"), "Sara Ahmed Khan"], [*row("stranger"), "Hina Malik"]]
    file = add(cohort, table(rows))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=ReportPerson.objects.get(label="bilo"), enrolment_id=bilal.pk, by=None, at=LATER)
    person = ReportPerson.objects.get(label="stranger")
    decide_person(person=person, enrolment_id=None, by=None, at=LATER, remember=True)
    Alias.objects.create(key="sara", label="sara", trainee=bilal.trainee, confirmed_at=LATER)

    settle(file, header_line=1, columns={0: "nothing", 6: "name"})
    between = people()
    settle(file)

    assert between == {"Sara Ahmed Khan": ("match", 10800), "Hina Malik": ("match", 10800)}
    assert people() == {"bilo": ("match", 10800), "stranger": ("ignore", 10800)}
    assert ReportPerson.objects.get(label="bilo").enrolment == bilal
    assert Alias.objects.count() == 1


def test_a_confirmed_report_is_provisional_again_its_marks_stay_and_the_audit_says_what_changed(cohort):
    teacher = make_instructor(cohort)
    file = add(cohort, table([HEADER, *(row(name) for name in NAMES)]))
    confirm_report(report=file.report, by=teacher, at=LATER)

    settle_file(file=file, given=Given(date_order="dmy"), by=teacher, at=LATER)

    report = MeetingReport.objects.get()
    assert (report.state, report.session.records.count()) == ("provisional", 4)
    entry = AuditEntry.objects.get(act="meeting.settle")
    assert (entry.by_id, entry.detail["changed"]) == (teacher.pk, {"date_order": ["", "dmy"]})
    assert propose_report(report)[0].marks == []  # 5 April is no session: nobody is absent by it


def test_a_large_file_is_tried_on_its_beginning_and_read_by_the_worker(cohort, monkeypatch):
    file = add(cohort, table([HEADER, *(row(name, "05:00:00", "08:00:00") for name in NAMES)]))
    for place in ("files", "settling"):
        monkeypatch.setattr(f"cohorts.services.meetings.{place}.AT_ONCE", 10)
    with pytest.raises(ValidationError, match="no text"):
        settle(file, encoding="utf-16-le")

    effect = settle(file, time_zone="UTC", header_line=1)
    with pytest.raises(ValidationError, match="is being read"):
        settle(file)
    read_kept(file_id=file.pk, at=LATER)

    assert effect.after is None
    assert people() == dict.fromkeys(NAMES, ("match", 10800))


def test_what_was_settled_goes_along_to_another_session(cohort):
    rows = [["a", "b"], *([name, "180"] for name in NAMES)]
    file = add_failing(cohort, table(rows))
    settle(file, header_line=1, columns={0: "name", 1: "duration"})

    shared = share_files(source=cohort.sessions.get(number=1), target=cohort.sessions.get(number=2), by=None, at=LATER)

    assert shared.files.get().settled == {"header_line": 1, "columns": {"0": "name", "1": "duration"}}
    assert shared.people.count() == 4
