"""Nonsense in every field: a clear message, or the one right reading written down here; never a silent change."""

from datetime import date

import pytest

from cohorts.forms import RegistrationForm
from cohorts.serializers import RegistrationSerializer
from tests.factories import make_cohort, make_registration
from trainees.models import Trainee
from trainees.rules import read_birth_date, read_cnic, read_date, read_mobile, read_name, read_words, require

NONSENSE = {
    "long": "x" * 10_000,
    "long words": "Ali " * 2_500,
    "long digits": "9" * 5_000,
    "NUL": "a\x00b",
    "only NUL": "\x00",
    "bidi": "\u202eevil\u202c",
    "HTML": "<script>alert(1)</script>",
    "formula": '=HYPERLINK("http://evil.example","x")',
    "plus formula": "+cmd|' /C calc'!A0",
    "emoji": "😀😀😀",
    "name with emoji": "Ali 😀",
    "homoglyph e-mail": "аdmin@example.org",  # a Cyrillic letter
    "homoglyph name": "Аli Khan",
    "Arabic digits": "٣٥٢٠٢١٢٣٤٥٦٧٨",
    "Urdu digits": "۰۳۶۴۱۲۳۴۵۶۷",
    "31 February": "31/02/1998",
    "1870": "01/01/1870",
    "2035": "01/01/2035",
    "03xx": "03xx1234567",
    "pile of marks": "Z" + "\u0301" * 40 + "ainab",
    "lone surrogate": "\ud800",
    "SQL": "'; DROP TABLE trainees_trainee; --",
    "path": "../../etc/passwd",
    "blank": " \t\n ",
    "zero width": "\u200b\u200b",
    "digits": "12345678901234567890",
    "scientific": "3.52021E+12",
}
# What is understood, and as what. All else must be refused with a message for the very field.
WORDS = ("district", "degree", "university", "employer")
UNDERSTOOD = {
    **{(name, "NUL"): "ab" for name in WORDS},
    **{(name, "bidi"): "evil" for name in WORDS},
    **{(name, "SQL"): "'; DROP TABLE trainees_trainee; --" for name in WORDS},
    **{(name, "path"): "../../etc/passwd" for name in WORDS},
    **{(name, "homoglyph name"): "Аli Khan" for name in WORDS},
    **{(name, "homoglyph e-mail"): "аdmin@example.org" for name in WORDS},
    **{(name, "03xx"): "03xx1234567" for name in WORDS},
    **{(name, "scientific"): "3.52021E+12" for name in WORDS},
    **{(name, "NUL"): "Ab" for name in ("full_name", "father_or_husband_name")},
    **{(name, "bidi"): "Evil" for name in ("full_name", "father_or_husband_name")},
    ("cnic", "Arabic digits"): "3520212345678",
    ("mobile", "Urdu digits"): "+923641234567",
    **{(name, nothing): "" for name in ("full_name_ur", "employer") for nothing in ("only NUL", "blank", "zero width")},
    **{(name, "lone surrogate"): "" for name in ("full_name_ur", "employer")},
    **{("password", name): NONSENSE[name] for name in ("homoglyph e-mail", "SQL", "path", "HTML", "scientific")},
    **{("password", name): NONSENSE[name] for name in ("formula", "plus formula", "Arabic digits", "Urdu digits")},
    **{("password", name): NONSENSE[name] for name in ("31 February", "1870", "2035", "03xx", "pile of marks")},
}
FIELDS = [name for name in RegistrationForm.base_fields if name != "consent"]
CASES = [(field, name) for field in FIELDS for name in NONSENSE]


@pytest.mark.parametrize(("field", "name"), CASES, ids=[f"{field} {name}" for field, name in CASES])
def test_the_form_understands_or_refuses_and_never_changes_silently(field, name):
    form = RegistrationForm({**make_registration(), field: NONSENSE[name]})

    if form.is_valid():
        assert form.cleaned_data[field] == UNDERSTOOD[field, name]
    else:
        assert (field, name) not in UNDERSTOOD, form.errors
        assert list(form.errors) == [field]
        said = " ".join(form.errors[field])
        assert 10 < len(said) < 200
        if name in ("long", "long words", "long digits") and field not in ("gender", "province", "category"):
            assert any(letter.isdigit() for letter in said)  # the limit


@pytest.mark.parametrize(
    "value", [[], ["Ali"], {}, {"a": 1}, True, False, 1.5, -1.5e300, 10**400, 12], ids=lambda value: str(value)[:12]
)
def test_json_that_is_no_text_is_refused_by_the_name_of_its_field(value):
    digits = ("cnic", "mobile", "graduation_year")
    for field in (*FIELDS, "cohort"):
        parsed = RegistrationSerializer(data={**make_registration(), "consent": True, "cohort": "A", field: value})

        assert not parsed.is_valid(), field
        assert set(parsed.errors) == {field}
        if not (field in digits and value == 12):
            assert parsed.errors[field] == ["Send this as text."]


def test_digits_sent_as_a_number_are_read():
    numbers = {"cnic": 3520212345678, "mobile": 923641234567, "graduation_year": 2019}
    parsed = RegistrationSerializer(data={**make_registration(), **numbers, "consent": True, "cohort": "A"})

    assert parsed.is_valid(), parsed.errors
    person = parsed.validated_data["form"].person
    assert (person["cnic"], person["mobile"], person["graduation_year"]) == ("3520212345678", "+923641234567", 2019)


@pytest.mark.django_db
def test_the_page_says_what_is_wrong_beside_the_field_and_keeps_what_was_typed(client):
    cohort = make_cohort()
    wrong = {"cnic": "35202-123", "mobile": "03xx1234567", "date_of_birth": "31/02/1998", "district": "<b>Lahore</b>"}

    answer = client.post(f"/cohorts/{cohort.code}/register/", make_registration(**wrong))

    page = answer.content.decode()
    assert answer.status_code == 422
    for field in wrong:
        assert f'id="id_{field}_error"' in page
    assert 'value="35202-123"' in page
    assert 'value="&lt;b&gt;Lahore&lt;/b&gt;"' in page
    assert not Trainee.objects.exists()


@pytest.mark.django_db
def test_a_code_that_only_begins_like_a_cohort_is_none(client):
    cohort = make_cohort("AI-ONL-01-LONG-LONG-LONG-LONG-")
    body = {**make_registration(), "consent": True, "cohort": cohort.code + "X"}

    assert client.post("/api/v1/registrations/", body, content_type="application/json").status_code == 404


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("۱۴/۰۸/۱۹۹۷", date(1997, 8, 14)),
        ("\u202a14-08-1997\u202c", date(1997, 8, 14)),
        ("14 August 1997", date(1997, 8, 14)),
        ("31/02/1998", None),
        ("5 May " + "9" * 5_000, None),
        ("9" * 5_000 + " May 1998", None),
        ("00/00/0000", None),
    ],
)
def test_dates_are_read_or_refused(typed, read):
    assert read_date(typed) == read


def test_what_a_phone_copies_along_does_not_disturb():
    assert require(read_mobile("\u202a+92 364 1234567\u202c")) == "+923641234567"
    assert require(read_cnic("\u206635202-1234567-8\u2069")) == "3520212345678"
    assert read_birth_date("01/01/1870", on=date(2020, 5, 1)).problems == ("dob_too_old",)
    assert read_birth_date("01/01/2035", on=date(2020, 5, 1)).problems == ("dob_future",)


def test_what_is_too_long_is_named_with_its_limit_and_not_cut():
    for reading in (read_name("Zainab " * 40), read_words("Lahore " * 40, limit=80)):
        assert "too_long" in (*reading.problems, *reading.doubts)
        with pytest.raises(Exception, match=str(reading.limit)):
            require(reading)
