"""Views of a list that are kept under a name."""

import re

import pytest
from django.db import IntegrityError, transaction

from audit.models import AuditEntry
from portal.models import SavedView
from tests.factories import LATER, make_cohort, make_enrolment, make_office

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    client.force_login(make_office("Programme office", "Issuer", "Programme lead"), backend=BACKEND)
    return client


def keep(client, name="trainees", query="status=enrolled&order=-name&columns=number", **more):
    return client.post(f"/manage/lists/{name}/views/", {"name": "Mine", "query": query, **more})


def test_a_view_is_kept_shown_and_marked_where_one_stands(office):
    enrolment = make_enrolment(make_cohort())
    keep(office, shared="on")

    view = SavedView.objects.get()
    assert view.query == {"status": ["enrolled"], "order": ["-name"], "columns": ["name", "number"]}
    page = office.get(f"/manage/trainees/{view.address}")
    assert list(page.context["object_list"]) == [enrolment]
    assert re.search(r'aria-current="page">Mine', page.content.decode())
    assert AuditEntry.objects.get(act="view.save").detail == {"list": "trainees", "shared": True}


def test_a_view_keeps_known_keys_only_and_never_what_was_searched(office):
    keep(office, query="status=enrolled&search=Ahmad&next=//evil.example&columns=cnic_hash&page=3&order=trainee__cnic")

    assert SavedView.objects.get().query == {"status": ["enrolled"]}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"query": "search=Ahmad"}, "is not kept"),
        ({"query": "status=nonsense"}, "cannot be read"),
        ({"name": " \u200b "}, "Give the view a name"),
    ],
)
def test_a_view_that_cannot_be_kept_says_why(office, given, said):
    answer = office.post(
        "/manage/lists/trainees/views/", {"name": "Mine", "query": "status=enrolled", **given}, follow=True
    )

    assert said in answer.content.decode()
    assert not SavedView.objects.exists()


def test_a_name_is_used_once_by_a_person_and_list(office):
    keep(office)
    assert "already" in office.get(keep(office)["Location"]).content.decode()
    keep(office, name="cohorts", query="state=running")

    view = SavedView.objects.get(list="trainees")
    with pytest.raises(IntegrityError), transaction.atomic():
        SavedView.objects.create(list="trainees", name="Mine", owner=view.owner, query={}, created_at=LATER)
    assert SavedView.objects.count() == 2


def test_own_views_are_renamed_shared_and_removed_and_others_not(office, client):
    keep(office)
    view = SavedView.objects.get()
    office.post(f"/manage/views/{view.pk}/", {"name": "Better", "shared": "on"})
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Better", True)

    other = make_office("Programme office")
    client.force_login(other, backend=BACKEND)
    assert "Better" in client.get("/manage/trainees/").content.decode()
    assert client.post(f"/manage/views/{view.pk}/", {"act": "remove"}).status_code == 404
    SavedView.objects.update(is_shared=False)
    assert "Better" not in client.get("/manage/trainees/").content.decode()
    SavedView.objects.update(is_shared=True)
    type(other).objects.filter(pk=view.owner_id).update(is_active=False)
    assert "Better" not in client.get("/manage/trainees/").content.decode()

    type(other).objects.filter(pk=view.owner_id).update(is_active=True)
    client.force_login(view.owner, backend=BACKEND)
    client.post(f"/manage/views/{view.pk}/", {"act": "remove"})
    assert not SavedView.objects.exists()
    assert AuditEntry.objects.filter(act="view.remove").count() == 1
