"""Staff and groups: invited by mail, each change shown first and recorded, nobody deleted (R75)."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from portal.setup import staff as pages
from tests.factories import make_office
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
PAGE = "/manage/setup/staff/"


@pytest.fixture
def lead(client):
    user = make_office("Programme office", "Programme lead")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def confirm(client, typed):
    digest = client.post(PAGE, typed).context["digest"]
    client.post(PAGE, {**typed, "confirm": digest})


def test_somebody_is_invited_once_and_the_change_is_recorded(client, lead):
    wanted = {"email": "New@Example.org", "name": "Amna Rauf", "groups": ["Issuer", "Nonsense"]}
    confirm(client, wanted)
    confirm(client, {**wanted, "groups": ["Auditor"]})

    user = User.objects.get(email="new@example.org")
    assert (user.is_staff, [group.name for group in user.groups.all()]) == (True, ["Auditor"])
    assert Message.objects.filter(to=user.email).count() == 1
    detail = AuditEntry.objects.filter(act="staff.set").last().detail
    assert detail == {"name": "Amna Rauf", "from": ["Issuer"], "to": ["Auditor"]}
    assert "Amna Rauf" in client.get(PAGE).content.decode()


def test_the_staff_come_in_pages(client, lead, monkeypatch):
    monkeypatch.setattr(pages, "PAGE", 2)
    everybody = {lead, *(make_office("Issuer") for _ in range(4))}

    shown = [client.get(PAGE, {"page": n}).context["people"] for n in (1, 2, 3)]

    assert [len(page) for page in shown] == [2, 2, 1]
    assert {person for page in shown for person, _groups in page} == everybody


def test_the_preview_says_which_rights_come_and_go_and_does_nothing(client, lead):
    other = make_office("Issuer")

    preview = client.post(PAGE, {"email": other.email, "groups": ["Registrar"]}).context["preview"]

    assert (preview["before"], preview["after"], preview["is_new"]) == (["Issuer"], ["Registrar"], False)
    assert preview["comes"] == ["Can correct a register after its lock time", "Can reopen a closed register"]
    assert any("revoke" in each for each in preview["goes"])
    assert [each.name for each in other.groups.all()] == ["Issuer"]


def test_who_is_retired_is_no_staff_and_comes_back_with_the_same_groups(client, lead):
    office = make_office("Issuer", "Programme office")

    confirm(client, {"email": office.email})

    office.refresh_from_db()
    assert not office.is_staff
    retired = client.get(PAGE).context["retired"]
    assert [(each["person"], each["groups"]) for each in retired] == [(office, ["Issuer", "Programme office"])]
    confirm(client, {"email": office.email, "groups": retired[0]["groups"]})
    office.refresh_from_db()
    assert office.is_staff
    assert client.get(PAGE).context["retired"] == []


def test_the_own_groups_stay(client, lead):
    client.post(PAGE, {"email": lead.email, "groups": ["Auditor"]})

    assert set(lead.groups.values_list("name", flat=True)) == {"Programme office", "Programme lead"}


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@example.org"])
def test_a_wrong_address_is_refused(client, lead, email):
    before = User.objects.count()

    page = client.post(PAGE, {"email": email, "name": "A", "groups": ["Issuer"]}, follow=True)

    assert (page.status_code, User.objects.count()) == (200, before)
    assert len(page.context["messages"]) == 1


def test_the_office_without_the_right_is_refused(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("setup_staff")).status_code == 403
