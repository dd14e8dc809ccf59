"""How a person is reached; a new address counts once its link is opened; siblings may share contacts."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from cohorts.models import Enrolment
from cohorts.services.enrolment import enrol
from tests.factories import BEFORE, make_cohort, make_enrolment, make_person, make_trainee, make_user
from trainees.models import Message, Trainee, User
from trainees.services.contact import LinkDead, confirm_address, request_address
from trainees.services.people import CnicAlreadyRegistered, create_trainee

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
NEW = "new@example.org"


@pytest.fixture
def zainab(client):
    trainee = make_trainee(full_name="Zainab Noor", email="old@example.org")
    client.force_login(trainee.user, backend=BACKEND)
    return trainee


def ask(trainee, email=NEW):
    request_address(trainee=trainee, email=email, by=trainee.user, at=timezone.now())
    mail = Message.objects.filter(kind="confirm_address").latest("id")
    return mail, re.search(r"/me/address/([^/\s]+)/", mail.text)[1]


def test_a_new_address_counts_once_its_link_is_opened_and_the_old_one_is_told(zainab, client):
    mail, token = ask(zainab, " New@Example.org ")
    zainab.refresh_from_db()
    assert (mail.to, zainab.email) == (NEW, "old@example.org")
    client.logout()

    page = client.get(f"/me/address/{token}/")
    zainab.refresh_from_db()
    assert (page.status_code, zainab.email) == (200, "old@example.org")  # opening alone does nothing
    assert client.post(f"/me/address/{token}/").status_code == 200

    zainab.refresh_from_db()
    assert (zainab.email, zainab.user.email, zainab.email_wanted) == (NEW, NEW, "")
    assert Message.objects.get(kind="address_changed").to == "old@example.org"
    assert client.post(f"/me/address/{token}/").status_code == 404  # once


def test_the_link_holds_no_address_and_dies_of_age_forgery_and_a_later_wish(zainab):
    _mail, token = ask(zainab)
    _mail, later = ask(zainab, "later@example.org")

    assert NEW not in token
    for dead in (token, later[:-2] + "xx", "nonsense", "a:b:c"):
        with pytest.raises(LinkDead):
            confirm_address(token=dead, at=timezone.now())
    confirm_address(token=later, at=timezone.now())
    zainab.refresh_from_db()
    assert zainab.email == "later@example.org"


def test_an_address_of_another_account_may_be_shared_but_not_signed_in_with(zainab):
    other = make_user(NEW)

    _mail, token = ask(zainab)
    confirm_address(token=token, at=timezone.now())

    zainab.refresh_from_db()
    assert (zainab.email, zainab.user.email) == (NEW, "old@example.org")
    assert User.objects.get(email=NEW) == other


def test_five_links_a_day_and_no_nonsense(zainab):
    for number in range(5):
        ask(zainab, f"new{number}@example.org")
    with pytest.raises(ValidationError, match="Five links"):
        ask(zainab)
    Message.objects.update(created_at=timezone.now() - timedelta(days=2))
    ask(zainab)
    for wrong in ("old@example.org", "no address", "аdmin@example.org", "x" * 10_000):
        with pytest.raises(ValidationError):
            ask(zainab, wrong)


def test_a_confirmed_change_settles_a_place_that_waited_for_an_address(zainab, client):
    enrolment = make_enrolment(make_cohort(starts_at=timezone.now() + timedelta(days=9)), zainab)
    Enrolment.objects.filter(pk=enrolment.pk).update(hold_expires_at=timezone.now() + timedelta(hours=9))

    _mail, token = ask(zainab)
    client.post(f"/me/address/{token}/")

    assert Enrolment.objects.get(pk=enrolment.pk).hold_expires_at is None


def test_phone_and_district_are_read_and_nonsense_is_explained(zainab, client):
    right = client.post("/me/profile/contact/", {"mobile": "۰۳۶۴ ۱۲۳۴۵۶۷", "district": " Lahore "})
    wrong = client.post("/me/profile/contact/", {"mobile": "03xx1234567", "district": "<b>"})

    zainab.refresh_from_db()
    assert (right.status_code, zainab.mobile, zainab.district) == (302, "+923641234567", "Lahore")
    page = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'value="03xx1234567"' in page
    assert "not a mobile number" in page


def test_pages_and_mails_follow_the_chosen_language(zainab, client):
    client.post("/me/profile/language/", {"language": "ur"})
    page = client.get("/me/profile/").content.decode()
    client.cookies.pop("django_language")
    elsewhere = client.get("/me/profile/").content.decode()
    ask(Trainee.objects.get())

    assert 'lang="ur" dir="rtl"' in page
    assert 'lang="ur" dir="rtl"' in elsewhere  # another browser, without the cookie
    mail = Message.objects.get(kind="confirm_address")
    assert (mail.language, "Confirm" in mail.subject) == ("ur", False)
    assert client.post("/me/profile/language/", {"language": "xx"}).status_code == 422


def test_the_switch_of_every_page_is_remembered_for_mails(zainab, client):
    client.post("/i18n/setlang/", {"language": "ur", "next": "/me/"})
    client.post("/i18n/setlang/", {"language": "tlh", "next": "/me/"})

    assert User.objects.get(pk=zainab.user_id).language == "ur"


def test_siblings_share_address_and_phone_and_each_has_a_place_but_never_a_cnic():
    cohort, contact = make_cohort(), {"email": "family@example.org", "mobile": "+923641234567"}
    sister, brother = make_trainee(**contact), make_trainee(**contact)
    places = [enrol(trainee=each, cohort=cohort, by=None, at=BEFORE).status for each in (sister, brother)]

    assert places == ["enrolled", "enrolled"]
    assert Trainee.objects.filter(**contact).count() == 2
    with pytest.raises(CnicAlreadyRegistered):
        create_trainee(person=make_person(cnic=sister.cnic, **contact), number_prefix="T-20", by=None, at=BEFORE)
