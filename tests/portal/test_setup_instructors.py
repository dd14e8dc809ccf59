"""Instructors on pages: invited, named on a cohort, given sessions; each act says first what follows."""

import re

import pytest
from django.urls import reverse

from cohorts.models import Cohort, Session
from portal.setup.cohort_forms import OFFERED
from portal.setup.instructors import invite
from tests.factories import BEFORE, make_cohort, make_course, make_instructor, make_office
from tests.portal.test_setup import COHORT, confirm, errors
from tests.portal.test_setup_plan import make_ahead
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office"), backend=BACKEND)
    make_course("AI")
    return client


def confirm_invitation(client, preview, typed):
    return client.post(reverse("setup_instructor_new"), {**typed, "confirm": preview.context["preview"]["digest"]})


def test_an_instructor_is_invited_and_can_be_chosen_before_any_cohort(office):
    typed = {"email": "Hira@Example.org", "name": "Hira Latif"}
    preview = office.post(reverse("setup_instructor_new"), typed)
    assert preview.context["preview"]["says"] == [
        "hira@example.org has no account yet: one is made.",
        "An invitation to choose a password goes to hira@example.org.",
    ]
    assert not User.objects.filter(email="hira@example.org").exists()
    confirm_invitation(office, preview, typed)

    assert Message.objects.get(kind="invited").to == "hira@example.org"
    choices = office.get(reverse("setup_cohort_new")).context["form"].fields["teachers"].choices
    assert choices == [("hira@example.org", "Hira Latif")]
    wrong = office.post(reverse("setup_instructor_new"), {"email": "Hira", "name": ""})
    assert (wrong.status_code, set(errors(wrong))) == (422, {"email"})


def test_sessions_are_given_with_a_preview_of_what_changes(office):
    cohort = make_cohort()
    anna, bilal = make_instructor(cohort), make_instructor(cohort)
    first = cohort.sessions.get(number=1)
    page = reverse("setup_holders", args=[cohort.code])
    typed = {f"shown-{first.pk}": "1", f"s-{first.pk}": str(anna.pk)}

    given = office.post(page, typed).context["given"]
    assert [(each.session.number, each.before, each.after) for each in given] == [(1, [], ["Some Body"])]
    assert not first.instructors.exists()
    confirm(office, page, typed)

    assert list(first.instructors.all()) == [anna]
    assert not Session.objects.held_by(bilal).filter(pk=first.pk).exists()
    assert office.post(page, {**typed, f"s-{first.pk}": "nobody"}).status_code == 422


def test_instructors_of_a_cohort_come_and_go(office):
    cohort = make_cohort()
    add = reverse("setup_instructor_add", args=[cohort.code])
    typed = {"email": "hira@example.org", "name": "Hira"}
    says = office.post(add, typed).context["preview"].says
    assert says[1:] == [
        "An invitation to choose a password goes to hira@example.org.",
        "0 sessions to come are theirs, beside the others'.",
    ]
    assert (cohort.instructors.count(), Message.objects.count()) == (0, 0)
    confirm(office, add, typed)
    user = cohort.instructors.get()
    assert office.post(add, typed).context["preview"].says == ["They teach this cohort already."]

    remove = reverse("setup_instructor_remove", args=[cohort.code, user.pk])
    assert "Nobody is left" in office.post(remove).context["preview"].says[0]
    assert cohort.instructors.exists()
    confirm(office, remove, {})

    assert not cohort.instructors.exists()
    lines = office.get(reverse("setup_cohort", args=[cohort.code])).context["history"]
    assert [(each.changes[0].old, each.changes[0].new) for each in lines] == [("Hira", "–"), ("–", "Hira")]


def test_naming_shows_what_would_clash(office):
    busy, monday = make_ahead()
    cohort, _monday = make_ahead()
    teacher = make_instructor(busy)

    preview = office.post(reverse("setup_instructor_add", args=[cohort.code]), {"email": teacher.email, "name": ""})

    assert len(preview.context["preview"].clashes) == 3
    assert preview.context["preview"].says == [
        "An invitation to choose a password goes to " + teacher.email + ".",
        "3 sessions to come are theirs, beside the others'.",
    ]
    assert str(monday.day) in preview.content.decode()


def test_what_has_changed_since_it_was_shown_is_shown_again(office):
    cohort, _monday = make_ahead()
    add, typed = reverse("setup_instructor_add", args=[cohort.code]), {"email": "hira@example.org", "name": "Hira"}
    digest = office.post(add, typed).context["digest"]
    User.objects.create_user("hira@example.org", "three-unrelated-words", full_name="Hira Latif")

    again = office.post(add, {**typed, "confirm": digest})

    assert "This is no longer what was shown" in again.content.decode()
    assert again.context["preview"].says[0] == "A mail tells them, in their own language."
    assert not cohort.instructors.exists()
    office.post(add, {**typed, "confirm": again.context["digest"]})
    assert cohort.instructors.get().full_name == "Hira Latif"


def test_an_instructor_among_many_is_found_and_what_is_typed_stays(office):
    cohort, page = make_cohort(), reverse("setup_cohort_new")
    for n in range(OFFERED + 3):
        user = make_instructor(cohort)
        User.objects.filter(pk=user.pk).update(email=f"teacher{n}@example.org", full_name=f"Teacher {n}")
    first, second = "teacher0@example.org", "teacher1@example.org"

    def offered(answer):
        return [email for email, _name in answer.context["form"].fields["teachers"].choices]

    assert len(offered(office.get(page))) == OFFERED
    assert first not in offered(office.get(page))
    found = office.post(page, {**COHORT, "place": "", "find": "TEACHER 0", "look": "yes"})
    assert (found.status_code, offered(found)) == (200, [first])
    assert all(value in found.content.decode() for value in ("AI-LHE-77", "MO 10:00-13:00", "2029-12-01T09:00"))
    typed = {**COHORT, "place": "", "teachers": [first], "find": "teacher 1", "look": "yes"}
    found = office.post(page, typed)
    assert offered(found)[:2] == [first, second]
    assert f'value="{first}" id="id_teachers_0" checked' in found.content.decode()
    del typed["look"]
    confirm(office, page, {**typed, "teachers": [first, second], "find": ""})

    taught = Cohort.objects.get(code="AI-LHE-77").instructors.values_list("email", flat=True)
    assert set(taught) == {first, second, "new@example.org"}


def test_the_list_of_instructors_is_searched_and_says_who_is_retired_and_teaches(office):
    anna, bilal = make_instructor(make_cohort()), make_instructor(make_cohort())
    User.objects.filter(pk=anna.pk).update(full_name="Anna <b>", retired_at=BEFORE)
    invite(email="hira@example.org", name="Hira Latif", by=None, at=BEFORE)

    def rows(**asked):
        answer = office.get(reverse("setup_instructors"), asked)
        assert answer.context["paginator"].count == len(answer.context["rows"])
        return {pk: re.findall(">([^<]*)</td>", others) for pk, _name, others in answer.context["rows"]}

    hira = User.objects.get(email="hira@example.org")
    assert rows() == {
        anna.pk: [anna.email, "1", "retired"],
        bilal.pk: [bilal.email, "1", ""],
        hira.pk: [hira.email, "0", ""],
    }
    assert list(rows(search="LATIF")) == list(rows(search="hira@")) == [hira.pk]
    assert list(rows(retired="true")) == [anna.pk]
    assert list(rows(retired="false")) == [hira.pk, bilal.pk]
    assert "Anna &lt;b&gt;" in office.get(reverse("setup_instructors")).content.decode()
