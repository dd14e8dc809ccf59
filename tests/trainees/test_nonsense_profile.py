"""Nonsense in what a person changes later, on the pages and in the API: understood, or refused by name; never a 500."""

import json

import pytest

from tests.factories import make_cohort, make_enrolment, make_office, make_trainee
from tests.trainees.test_nonsense import NONSENSE
from trainees.models import ErasureRequest, NameChange, Trainee

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
FORMS = {
    "/me/profile/name/": ("full_name", "full_name_ur", "reason"),
    "/me/profile/contact/": ("mobile", "district"),
    "/me/profile/address/": ("email",),
    "/me/profile/language/": ("language",),
}
VALID = {
    "full_name": "Hina Latif",
    "full_name_ur": "حنا لطیف",
    "reason": "married",
    "mobile": "0364 1234567",
    "district": "Lahore",
    "email": "new@example.org",
    "language": "ur",
}
# Understood, and as what; a district is words of any kind, so that "../../etc" is one, however odd.
DISTRICTS = ("NUL", "bidi", "SQL", "path", "homoglyph name", "homoglyph e-mail", "03xx", "scientific")
JSON_NONSENSE = [*NONSENSE.values(), None, [], {}, True, 12, -1.5e300, 10**400]


SENT = {name: text.replace("\ud800", "\ufffd") for name, text in NONSENSE.items()}  # as a browser's form arrives


@pytest.fixture
def zainab(client):
    trainee = make_trainee(full_name="Zainab Noor", mobile="+923001234567", district="Karachi")
    make_enrolment(make_cohort(), trainee)
    client.force_login(trainee.user, backend=BACKEND)
    return trainee


@pytest.mark.parametrize("name", NONSENSE)
def test_a_profile_form_answers_with_a_message_and_changes_nothing_by_itself(zainab, client, name):
    for address, fields in FORMS.items():
        for field in fields:
            before = Trainee.objects.values("full_name", "full_name_ur", "mobile", "district", "email").get()

            answer = client.post(address, {**{each: VALID[each] for each in fields}, field: SENT[name]})

            assert answer.status_code in (302, 422), (field, answer.status_code)
            if answer.status_code == 422:
                assert Trainee.objects.values(*before).get() == before
                page = answer.content.decode()
                assert 'role="alert"' in page
                assert "<script>alert(1)" not in page
    NameChange.objects.all().delete()


@pytest.mark.parametrize("name", NONSENSE)
def test_what_is_kept_is_what_was_read_and_never_a_part_of_it(zainab, client, name):
    client.post("/me/profile/contact/", {"mobile": VALID["mobile"], "district": SENT[name]})
    client.post("/me/profile/contact/", {"mobile": SENT[name], "district": "Lahore"})
    client.post("/me/profile/name/", {"full_name": SENT[name], "full_name_ur": "", "reason": "because"})

    zainab.refresh_from_db()
    assert zainab.district in ("Karachi", "Lahore") or name in DISTRICTS
    assert zainab.mobile in ("+923001234567", "+923641234567")
    assert zainab.full_name == "Zainab Noor"
    wanted = NameChange.objects.values_list("new_name", flat=True)
    assert set(wanted) <= ({"Ab"} if name == "NUL" else {"Evil"} if name == "bidi" else set())


@pytest.mark.parametrize("value", JSON_NONSENSE, ids=range(len(JSON_NONSENSE)))
def test_the_api_answers_400_in_its_one_shape(zainab, client, value):
    address = f"/api/v1/trainees/{zainab.number}/"
    for field in ("mobile", "district"):
        body = json.dumps({field: value}).replace("1" + "0" * 400, "1" + "0" * 5_000)

        answer = client.patch(address, body, content_type="application/json")

        assert answer.status_code in (200, 400), (field, answer.content[:200])
        if answer.status_code == 400:
            assert set(answer.json()) == {"code", "detail", "fields"}
    for body in ("[]", '"text"', "3", "null", "{", "\x00"):
        assert client.patch(address, body, content_type="application/json").status_code in (200, 400)


@pytest.mark.parametrize("name", NONSENSE)
def test_the_office_and_the_data_page_stand_nonsense(zainab, client, name):
    erase = client.post("/me/data/erase/", {"reason": SENT[name], "sure": "1"})
    download = client.post("/me/data/download/", {"password": SENT[name]})
    person = client.post("/me/profile/contact/", {"person": SENT[name], "mobile": "0364 1234567", "district": "x"})
    client.force_login(make_office("Programme office", "Identity numbers"), backend=BACKEND)
    found = client.post("/manage/trainees/by-cnic/", {"cnic": SENT[name]})
    merged = client.get(f"/manage/trainees/{zainab.number}/merge/", {"other": SENT[name].replace("\x00", "?")})

    assert erase.status_code in (302, 422)
    assert ErasureRequest.objects.count() == (erase.status_code == 302)
    assert download.status_code in (200, 422)
    assert person.status_code in (302, 422)
    assert found.status_code == 302
    assert merged.status_code in (200, 422)
