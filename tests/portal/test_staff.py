"""Staff and groups: invited by mail, each change recorded (R75)."""

import pytest
from django.urls import reverse

from audit.models import AuditEntry
from tests.factories import make_office
from trainees.models import Message, User

pytestmark = pytest.mark.django_db
PAGE = "/manage/setup/staff/"


@pytest.fixture
def lead(client):
    user = make_office("Programme office", "Programme lead")
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


def test_somebody_is_invited_once_and_the_change_is_recorded(client, lead):
    wanted = {"email": "New@Example.org", "name": "Amna Rauf", "groups": ["Issuer", "Nonsense"]}
    client.post(PAGE, wanted)
    client.post(PAGE, {**wanted, "groups": ["Auditor"]})

    user = User.objects.get(email="new@example.org")
    assert (user.is_staff, [group.name for group in user.groups.all()]) == (True, ["Auditor"])
    assert Message.objects.filter(to=user.email).count() == 1
    assert AuditEntry.objects.filter(act="staff.set").last().detail == {"from": ["Issuer"], "to": ["Auditor"]}
    assert "Amna Rauf" in client.get(PAGE).content.decode()


def test_without_groups_nobody_is_staff(client, lead):
    office = make_office("Programme office")

    client.post(PAGE, {"email": office.email})

    office.refresh_from_db()
    assert not office.is_staff


def test_the_own_groups_stay(client, lead):
    client.post(PAGE, {"email": lead.email, "groups": ["Auditor"]})

    assert set(lead.groups.values_list("name", flat=True)) == {"Programme office", "Programme lead"}


def test_the_office_without_the_right_is_refused(client):
    client.force_login(make_office("Programme office"), backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("setup_staff")).status_code == 403
