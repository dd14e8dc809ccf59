"""Two records of one person become one (R44)."""

import pytest
from django.db import models

from admissions.models import Application
from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.services.issue import issue_certificates
from cohorts.models import Alias, Enrolment
from portal.people.merge import FIELDS, CannotMerge, compare, find_obstacles, merge_trainees
from tests.factories import BEFORE, LATER, make_cohort, make_enrolment, make_office, make_programme, make_trainee
from trainees.models import Consent, FormerNumber, Message, NameChange, Trainee, User

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
CNIC = "3520212345678"


@pytest.fixture
def two():
    """The record that stays, and the second one with a finished cohort, an application, a consent and a mail."""
    kept = make_trainee(full_name="Zainab Noor", email="kept@example.org")
    other = make_trainee(full_name="Zainab N. Malik", email="other@example.org", cnic=CNIC, district="Lahore")
    enrolment = make_enrolment(make_cohort(), other)
    done = {"status": "completed", "completed_on": LATER.date(), "closed_at": LATER}
    Enrolment.objects.filter(pk=enrolment.pk).update(**done)
    cohort = enrolment.cohort
    type(cohort).objects.filter(pk=cohort.pk).update(
        state="closed", closed_at=LATER, policy=cohort.course.policies.get()
    )
    issue_certificates(cohort=cohort, by=None, at=LATER)
    for trainee in (kept, other):
        Consent.objects.create(trainee=trainee, text_version="1", given_at=BEFORE if trainee == other else LATER)
    Consent.objects.create(trainee=other, text_version="2", given_at=LATER)
    facts = {"programme": make_programme(), "row": 1, "line": 2, "submitted_at": BEFORE}
    Application.objects.create(trainee=other, status="rejected", cnic=CNIC, **facts)
    Message.objects.create(key="x", trainee=other, to=other.email, subject="s", text="t", created_at=LATER)
    return kept, other


def merge(kept, other, **choices):
    return merge_trainees(kept=kept, other=other, choices=choices, by=make_office(), at=LATER)


def test_everything_that_points_at_the_second_moves_and_it_is_gone(two):
    kept, other = two

    moved = merge(kept, other, cnic="other", district="other")

    kept.refresh_from_db()
    assert (kept.full_name, kept.cnic, kept.district) == ("Zainab Noor", CNIC, "Lahore")
    assert Trainee.objects.with_cnic(CNIC).get() == kept
    for model in (Enrolment, Application, Consent):
        assert set(model.objects.values_list("trainee", flat=True)) == {kept.pk}, model
    assert Message.objects.get(key="x").trainee == kept
    assert Certificate.objects.get().enrolment.trainee == kept
    assert not Trainee.objects.filter(pk=other.pk).exists()
    assert dict(moved) | {"cohorts.enrolment": 1, "admissions.application": 1} == dict(moved)
    given = dict(Consent.objects.values_list("text_version", "given_at"))
    assert given == {"1": BEFORE, "2": LATER}  # the earlier of the two that both agreed to


def test_every_relation_to_a_trainee_is_found_by_itself():
    """A new model that points at a trainee moves too: the merge asks the model, not a list."""
    named = {relation.related_model._meta.label_lower for relation in Trainee._meta.related_objects}

    assert {"cohorts.enrolment", "admissions.application", "trainees.message", "trainees.consent"} <= named
    assert all(
        isinstance(relation.field, models.ForeignKey) and not isinstance(relation.field, models.OneToOneField)
        for relation in Trainee._meta.related_objects
    )


def test_the_old_number_leads_to_the_new_one_on_pages_and_in_the_api(two, client):
    kept, other = two
    merge(kept, other)
    client.force_login(make_office(), backend=BACKEND)

    page = client.get(f"/manage/trainees/{other.number}/")
    answer = client.get(f"/api/v1/trainees/{other.number}/")

    assert (page.status_code, page.headers["Location"]) == (301, f"/manage/trainees/{kept.number}/")
    assert (answer.status_code, answer.headers["Location"]) == (301, f"/api/v1/trainees/{kept.number}/")
    client.force_login(make_trainee().user, backend=BACKEND)
    assert client.get(f"/api/v1/trainees/{other.number}/").status_code == 404  # it tells a stranger nothing
    third = make_trainee()
    merge(third, kept)
    assert FormerNumber.objects.get(number=other.number).trainee == third


def test_the_person_is_told_at_both_addresses_and_the_trail_says_what_moved(two):
    kept, other = two

    merge(kept, other, email="other")

    told = Message.objects.filter(kind="merged")
    assert {mail.to for mail in told} == {"kept@example.org", "other@example.org"}
    assert all(kept.number in mail.text and other.number in mail.text for mail in told)
    entry = AuditEntry.objects.get(act="trainee.merge")
    assert entry.subject_id == str(kept.pk)
    assert entry.detail["former"] == other.number
    assert entry.detail["moved"]["cohorts.enrolment"] == 1
    assert entry.detail["taken_over"] == ["email"]
    assert CNIC not in str(entry.detail)


def test_one_account_stays_the_one_of_the_address_that_stays(two):
    kept, other = two

    merge(kept, other, email="other")

    kept.refresh_from_db()
    assert kept.user.email == "other@example.org"
    assert not User.objects.get(email="kept@example.org").is_active


def test_an_account_that_looks_after_a_sibling_stays_open(two):
    kept, other = two
    make_trainee(email="sister@example.org")
    Trainee.objects.filter(email="sister@example.org").update(user=other.user)

    merge(kept, other)

    assert User.objects.get(email="other@example.org").is_active


@pytest.mark.parametrize("why", ["open", "same cohort", "same record"])
def test_what_would_break_is_refused_with_its_reason_and_nothing_moves(two, why):
    kept, other = two
    cohort = make_cohort("AI-KHI-77")
    if why == "open":
        for trainee in (kept, other):
            make_enrolment(cohort if trainee == kept else make_cohort(), trainee)
    elif why == "same cohort":
        enrolment = make_enrolment(cohort, kept)
        Enrolment.objects.filter(pk=enrolment.pk).update(status="not_completed", closed_at=LATER)
        make_enrolment(cohort, other)
    else:
        other = kept

    assert find_obstacles(kept, other)
    with pytest.raises(CannotMerge) as refused:
        merge(kept, other)

    assert "AI-KHI-77" in str(refused.value) or why == "same record"
    assert Trainee.objects.filter(pk=other.pk).exists()
    assert not FormerNumber.objects.exists()


def test_changes_of_name_by_itself_stay_one_and_a_second_wish_gives_way(two):
    kept, other = two
    for trainee in two:
        fields = {"trainee": trainee, "requested_at": BEFORE}
        NameChange.objects.create(**fields, status="approved", automatic=True, decided_at=BEFORE)
        NameChange.objects.create(**fields, new_name="Zainab Noor Malik")

    merge(kept, other)

    changes = NameChange.objects.filter(trainee=kept)
    assert (changes.filter(automatic=True).count(), changes.filter(status="waiting").count()) == (1, 1)
    assert changes.count() == 4


def test_the_preview_stands_side_by_side_and_proposes_the_only_value_there_is(two):
    rows = {row.name: row for row in compare(*two)}

    assert list(rows) == list(FIELDS)
    assert (rows["district"].chosen, rows["full_name"].chosen) == ("other", "kept")
    assert not rows["employer"].differs


def test_the_office_compares_and_merges_on_one_page_without_seeing_a_number(two, client):
    kept, other = two
    client.force_login(make_office("Programme office"), backend=BACKEND)
    address = f"/manage/trainees/{kept.number}/merge/"

    preview = client.get(address, {"other": other.number}).content.decode()
    unknown = client.get(address, {"other": "T-99"})
    done = client.post(address, {"other": other.number, "stays-full_name": "other", "stays-id": "other"})

    assert "Zainab N. Malik" in preview
    assert "35202-*****-*" in preview
    assert CNIC not in preview
    assert unknown.status_code == 422
    assert done.headers["Location"] == f"/manage/trainees/{kept.number}/"
    kept.refresh_from_db()
    assert kept.full_name == "Zainab N. Malik"


def test_a_refused_merge_says_why_on_the_page(two, client):
    kept, other = two
    for trainee in two:
        make_enrolment(make_cohort(), trainee)
    client.force_login(make_office(), backend=BACKEND)

    answer = client.post(f"/manage/trainees/{kept.number}/merge/", {"other": other.number})

    assert answer.status_code == 409
    assert "Both have an open enrolment" in answer.content.decode()
    assert Trainee.objects.filter(pk=other.pk).exists()


def test_a_label_confirmed_for_both_is_kept_once(two):
    kept, other = two
    for trainee in two:
        Alias.objects.create(key="zainab", label="Zainab", trainee=trainee, confirmed_at=LATER)
    Alias.objects.create(key="zainab phone", label="Zainab phone", trainee=other, confirmed_at=LATER)

    merge_trainees(kept=kept, other=other, choices={}, by=make_office(), at=LATER)

    assert sorted(kept.aliases.values_list("key", flat=True)) == ["zainab", "zainab phone"]
