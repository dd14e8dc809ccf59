"""The command `import_attendance`: sessions found by the files, marks written, a line per person (design §7)."""

import csv
import io
from collections import Counter

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from cohorts.models import AttendanceRecord, MeetingFile, MeetingReport
from tests.cohorts.meetings.files import table
from tests.factories import make_cohort, make_enrolment, make_instructor, make_trainee

pytestmark = pytest.mark.django_db
COLUMNS = [
    "file",
    "date",
    "label",
    "email",
    "verdict",
    "trainee",
    "candidates",
    "seconds_union",
    "seconds_in_session",
    "status",
]
HEADER = ["Name (Original Name)", "User Email", "Join Time", "Leave Time", "Duration (Minutes)", "Guest"]


@pytest.fixture
def cohort(settings, tmp_path):
    settings.MEETINGS_DIR = tmp_path / "meetings"
    made = make_cohort("AI-ONL-01", sessions=3)
    make_instructor(made)
    for name in ("Sara Ahmed Khan", "Bilal Raza", "Hina Malik"):
        make_enrolment(made, make_trainee(full_name=name))
    return made


@pytest.fixture
def write(tmp_path):
    def write(name, *rows):
        path = tmp_path / name
        path.write_text(table([HEADER, *rows]), encoding="utf-8")
        return str(path)

    return write


def row(label, day="05/04/2020", start="10:00:00", end="13:00:00"):
    return [label, "", f"{day} {start}", f"{day} {end}", 180, "Yes"]


def run(*args, report=None):
    out, err = io.StringIO(), io.StringIO()
    more = ["--report", str(report)] if report else []
    call_command("import_attendance", *args, "--cohort", "AI-ONL-01", *more, stdout=out, stderr=err)
    lines = list(csv.DictReader(report.open(encoding="utf-8"))) if report else []
    return out.getvalue().strip(), err.getvalue().strip(), lines


def counts(said):
    return {name: int(value) for name, value in (part.split("=") for part in said.split())}


def test_each_person_met_and_each_trainee_not_met_has_a_line(cohort, write, tmp_path):
    path = write("zoom.csv", row("SARA ahmed khan"), row("=hina"), row("Some Body"))

    said, _err, lines = run(path, report=tmp_path / "out.csv")

    assert list(lines[0]) == COLUMNS
    numbers = dict(cohort.enrolments.values_list("trainee__full_name", "trainee__number"))
    told = {line["label"] or line["trainee"]: line for line in lines}
    sara = told["SARA ahmed khan"]
    assert (sara["file"], sara["date"], sara["verdict"]) == ("zoom.csv", "2020-05-04", "match")
    assert (sara["trainee"], sara["seconds_in_session"], sara["status"]) == (
        numbers["Sara Ahmed Khan"],
        "10800",
        "present",
    )
    waits = told["'=hina"]
    assert (waits["verdict"], waits["candidates"], waits["status"]) == ("review", numbers["Hina Malik"], "unmarked")
    assert told["Some Body"]["verdict"] == "ignore"  # the instructor
    assert (told[numbers["Bilal Raza"]]["verdict"], told[numbers["Bilal Raza"]]["status"]) == ("absent", "absent")
    assert told[numbers["Hina Malik"]]["status"] == "unmarked"
    verdicts = Counter(line["verdict"] for line in lines)
    found = counts(said)
    assert found["rows"] == len(lines) == sum(found[name] for name in ("match", "review", "ignore", "absent"))
    assert all(found[name] == verdicts[name] for name in verdicts)
    assert found["marks"] == found["created"] == AttendanceRecord.objects.count() == 2


def test_a_dry_run_writes_nothing_anywhere(cohort, write, settings):
    said, _err, _lines = run(write("zoom.csv", row("Bilal Raza")), "--dry-run")

    assert counts(said)["match"] == 1
    assert counts(said)["marks"] == 0
    assert not MeetingReport.objects.exists()
    assert not AttendanceRecord.objects.exists()
    assert not settings.MEETINGS_DIR.exists()


def test_running_again_changes_nothing(cohort, write):
    path = write("zoom.csv", row("Bilal Raza"))
    run(path)

    said, _err, _lines = run(path)

    assert (counts(said)["created"], counts(said)["unchanged"]) == (0, 3)
    assert MeetingFile.objects.count() == 1


def test_files_of_several_sessions_go_to_their_own(cohort, write):
    said, _err, _lines = run(write("a.csv", row("Bilal Raza")), write("b.csv", row("Bilal Raza", "05/05/2020")))

    assert (counts(said)["files"], counts(said)["sessions"]) == (2, 2)
    assert set(AttendanceRecord.objects.filter(status="present").values_list("session__number", flat=True)) == {1, 2}


def test_the_same_content_twice_and_a_file_of_another_day_are_noticed(cohort, write):
    same = row("Bilal Raza", end="11:00:00")
    paths = [write("a.csv", same), write("b.csv", same), write("c.csv", row("Hina Malik", "05/05/2020"))]

    said, err, _lines = run(*paths, "--date", "2020-05-04")

    assert counts(said)["sessions"] == 1
    assert "b.csv: the same content as another file; it adds nothing." in err
    assert "c.csv: is of 2020-05-05, not of 2020-05-04; not applied." in err
    assert AttendanceRecord.objects.get(status="present").minutes == 60


def test_order_of_dates_and_zone_can_be_given(cohort, write):
    path = write("a.csv", row("Bilal Raza", "04/05/2020", "05:00:00", "08:00:00"))

    run(path, "--date-order", "dmy", "--time-zone", "UTC")

    assert AttendanceRecord.objects.get(status="present").minutes == 180
    assert MeetingFile.objects.get().settled == {"date_order": "dmy", "time_zone": "UTC"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["nowhere.csv"], "nowhere.csv"),
        (["{zoom}", "--time-zone", "Mars/Olympus"], "there is no time zone"),
        (["{empty}"], "empty.csv: The file is empty."),
        (["{zoom}", "--report", "/nowhere/out.csv"], "/nowhere/out.csv"),
    ],
)
def test_what_cannot_be_done_is_said_and_fails(cohort, write, tmp_path, args, said):
    (tmp_path / "empty.csv").write_bytes(b"")
    paths = {"zoom": write("zoom.csv", row("Bilal Raza")), "empty": str(tmp_path / "empty.csv")}

    with pytest.raises(CommandError, match=said):
        run(*[arg.format(**paths) for arg in args])


def test_a_cohort_that_does_not_exist_fails():
    with pytest.raises(CommandError, match="no cohort XX"):
        call_command("import_attendance", "a.csv", "--cohort", "XX")
