"""The dry run: what adds up, who is short by how much, names mended in one tap, the longest one seen first (R63)."""

import re
import string
import subprocess
import sys

import pytest
from django.urls import reverse

from certificates.models import Certificate
from certificates.pdf.design import shipped
from certificates.picture import picture_of
from certificates.rules import PLAIN_NAME, PLAIN_NAME_UR, check_name, check_name_ur
from certificates.services.designs import save_design, use_design
from certificates.services.issue import issue_certificates
from certificates.services.preview import preview_issue
from cohorts.rules import Rate, units_missing
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort
from cohorts.services.enrolment import withdraw
from courses.models import AttendancePolicy
from tests.certificates.made import finish, make_closed_cohort
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_trainee

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")
    return client


def cohort_with_everything():
    """One of each: due, unprintable in either script, short of the minimum, withdrawn."""
    cohort = make_cohort("MIX-01", sessions=2, capacity=10)
    people = {
        "due": make_enrolment(cohort, make_trainee(full_name="Ali Khan")),
        "digit": make_enrolment(cohort, make_trainee(full_name="Zahra Bat0ol")),
        "urdu": make_enrolment(cohort, make_trainee(full_name="Fazal Nawaz", full_name_ur="فضل نوا★ز")),
        "short": make_enrolment(cohort, make_trainee(full_name="Muhammad Zubair")),
        "gone": make_enrolment(cohort, make_trainee(full_name="Samina Nawaz")),
    }
    withdraw(enrolment=people["gone"], by=None, at=LATER, reason="moved")
    for number, session in enumerate(cohort.sessions.order_by("number")):
        marks = [
            Mark(each.pk, "absent" if name == "short" and number else "present")
            for name, each in people.items()
            if name != "gone"
        ]
        mark_attendance(session=session, marks=marks, version=None, by=None, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)
    cohort.refresh_from_db()
    return cohort, people


def test_every_enrolment_stands_in_one_list_and_the_exceptions_come_first(office):
    cohort, _people = cohort_with_everything()

    page = office.get(reverse("certificates_issue", args=[cohort.code])).content.decode()

    found = preview_issue(cohort=cohort)
    assert (len(found.due), len(found.unprintable), len(found.without), found.total) == (1, 2, 2, 5)
    places = [
        page.index(text) for text in ("Names that cannot be printed", "Will not get one", "As it will be printed")
    ]
    assert places == sorted(places)
    assert "Issue 1 certificate<" in page
    assert "The 2 that wait can follow in a batch of their own." in page


def test_a_refusal_says_by_how_much(office):
    cohort, people = cohort_with_everything()

    failed, gone = preview_issue(cohort=cohort).without

    assert failed.enrolment == people["short"]
    assert failed.missing == "Attendance 50.0 %, needs 75."
    assert failed.by_how_much == "1 h 30 min short of 6 h; missed 5 May"
    assert gone.reason.startswith("Withdrew on ")
    assert not gone.is_failure


@pytest.mark.parametrize(
    ("earned", "possible", "inclusive", "missing"),
    [(74, 100, True, 1), (75, 100, True, 0), (75, 100, False, 1), (76, 100, False, 0), (0, 101, True, 76)],
)
def test_what_is_missing_is_just_enough(earned, possible, inclusive, missing):
    policy = AttendancePolicy(minimum_percent=75, inclusive=inclusive)

    assert units_missing(Rate(earned, possible), policy) == missing
    assert Rate(earned + missing, possible).reaches(policy)
    assert missing == 0 or not Rate(earned + missing - 1, possible).reaches(policy)


def test_a_name_is_mended_in_one_tap_in_its_own_script(office):
    cohort, people = cohort_with_everything()
    page = office.get(reverse("certificates_issue", args=[cohort.code])).content.decode()
    assert "Zahra Bat<mark>0</mark>ol" in page
    assert 'name="full_name" value="Zahra Batool"' in page
    assert 'name="full_name_ur" value="فضل نواز"' in page

    for name, field, value in (("digit", "full_name", "Zahra Batool"), ("urdu", "full_name_ur", "فضل نواز")):
        number = people[name].trainee.number
        office.post(reverse("trainee_name", args=[number]), {field: value, "cohort": cohort.code})

    trainee = people["urdu"].trainee
    trainee.refresh_from_db()
    assert (trainee.full_name, trainee.full_name_ur) == ("Fazal Nawaz", "فضل نواز")
    assert len(preview_issue(cohort=cohort).due) == 3


def test_the_preview_opens_on_the_longest_name_and_can_be_browsed(office):
    cohort = make_closed_cohort("Ali Khan", "Muhammad Abdul Rehman Siddiqui", "Saba Naz")
    address = reverse("certificates_issue", args=[cohort.code])

    first = office.get(address).content.decode()
    second = office.get(address, {"see": "2"}).content.decode()
    nonsense = [office.get(address, {"see": see}).content.decode() for see in ("0", "99", "x", "-1", "²", "9" * 30)]

    assert "Picture of the certificate of Muhammad Abdul Rehman Siddiqui" in first
    assert "longest name, 1 of 3" in first
    assert 'href="?see=2"' in first
    assert "2 of 3" in second
    assert 'href="?see=1"' in second
    assert all("longest name, 1 of 3" in page for page in nonsense)


def test_who_has_one_is_folded_away_and_counted(office):
    cohort = make_closed_cohort("Ali Khan", "Saba Naz")
    issue_certificates(cohort=cohort, by=None, at=LATER)
    finish(cohort)

    page = office.get(reverse("certificates_issue", args=[cohort.code])).content.decode()

    assert "Have one already" in page
    assert Certificate.objects.first().serial in page
    assert "Will not get one" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_dry_run_costs_the_same_for_one_and_three(office, django_assert_max_num_queries, count):
    cohort = make_closed_cohort(*["Ali Khan", "Saba Naz", "Omar Aziz"][:count])
    address = reverse("certificates_issue", args=[cohort.code])
    office.get(address)

    with django_assert_max_num_queries(18):  # one of them for the side bar
        office.get(address)


def test_a_pile_of_marks_is_refused_and_ordinary_ones_are_not():
    assert check_name("Z\u0351\u0351\u0351\u0351ara") is not None
    piled = check_name("Za\u0301\u0301\u0301\u0301ra Khan")
    assert (piled.reason, piled.proposal) == ("more than 2 marks on one letter", "Zára Khan")
    assert check_name("Zoë Ñandú A\u0301li") is None
    assert check_name_ur("محمّد عبدالرّحمٰن") is None
    assert check_name_ur("ع" + "\u064e" * 8).is_urdu


def test_the_picture_on_screen_never_shows_another_design(office):
    cohort = make_closed_cohort("Ali Khan")
    drawn = office.get(reverse("certificates_issue", args=[cohort.code])).content.decode()
    template = save_design(scope=cohort.course, design=shipped(), logo=None, by=None, at=LATER)
    use_design(template=template, by=None, at=LATER)
    other = office.get(reverse("certificates_issue", args=[cohort.code])).content.decode()
    issue_certificates(cohort=cohort, by=None, at=LATER)
    [certificate] = finish(cohort)

    assert '<svg class="hn-cert"' in drawn
    assert '<svg class="hn-cert"' not in other
    assert f"The design {template.label} is drawn as PDF." in other
    page = office.get(reverse("verify", args=[certificate.code])).content.decode()
    assert '<svg class="hn-cert"' not in page
    assert f'<img class="hn-cert" src="/c/{certificate.code}/picture/1.png"' in page
    Certificate.objects.update(state="revoked", revoked_at=LATER, revocation_reason="error")
    certificate.refresh_from_db()
    assert picture_of(certificate) == ""


def test_somebody_due_is_drawn_as_pdf_in_the_design_in_use(installation):
    code = (
        "from tests.factories import *; from tests.certificates.made import make_closed_cohort;"
        "print(make_closed_cohort('Ali Khan').enrolments.get().pk)"
    )
    pk = installation.python(code).split()[-1]

    command = [sys.executable, "manage.py", "draw_design", "--enrolment", pk]
    done = subprocess.run(command, env=installation.environment, capture_output=True)

    assert done.stdout[:5] == b"%PDF-", done.stderr


ODD = {
    "A": True,
    "Ali": True,
    "Zoë D'Souza-Łukasz": True,
    "A\u0301li Kha\u0303n": True,
    "\u202eAli\u202c Khan\u200f": True,  # bidi signs are dropped, not printed
    "<b>Ali</b> & Co": True,
    "<img src=file:///etc/passwd>": True,
    "{{ name }} {% if x %}": True,
    "Ali 🎓 Khan": False,
    "Ali علی Khan": False,
    "李小龙": False,
    "Али": True,
    "Bat0ol": False,
    "\u200b\u200b": False,
    "A" * 120: True,
}


def test_an_odd_name_is_printed_as_typed_or_told_before_anything_is_made():
    cohort = make_closed_cohort(*ODD)

    found = preview_issue(cohort=cohort)

    due, told = (
        {each.trainee.full_name for each in people} for people in (found.due, [x for x, _y in found.unprintable])
    )
    assert due == {name for name, is_printable in ODD.items() if is_printable}
    assert told == set(ODD) - due
    assert all(problem.reason for _each, problem in found.unprintable)
    issue_certificates(cohort=cohort, by=None, at=LATER)
    printed = {each.enrolment.trainee.full_name: each.name for each in Certificate.objects.all()}
    assert printed["<b>Ali</b> & Co"] == "<b>Ali</b> & Co"
    assert printed["\u202eAli\u202c Khan\u200f"] == "Ali Khan"


@pytest.mark.parametrize("length", [121, 200, 300])
def test_a_name_too_long_for_the_row_is_told_and_never_cut(length):
    problem = check_name("Abcdefghi " * (length // 10 + 1))

    assert problem.reason == "longer than 120 letters"


def test_of_a_plain_name_nothing_has_to_be_asked():
    latin, urdu = f"{string.ascii_letters} .'-", PLAIN_NAME_UR[2 : PLAIN_NAME_UR.index("]")]

    assert [letter for letter in latin if check_name(f"A{letter}") or not re.search(PLAIN_NAME, f"A{letter}")] == []
    assert [letter for letter in urdu if check_name_ur(letter)] == []
    for doubtful in ("", " ", "'", "Bat0ol", "Zoë", "Ali ★", "A" * 121, "Za\u0301ra"):
        assert not re.search(PLAIN_NAME, doubtful)
    for doubtful in ("Ali", "علی ★", "ا\u0651\u0651\u0651\u0651"):
        assert not re.search(PLAIN_NAME_UR, doubtful)
