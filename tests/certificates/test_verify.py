"""The public page: five states, nothing private, three statements, two budgets (R50, R51, R54, R58, R60)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.urls import reverse

from certificates import codes
from certificates.models import Certificate, LookUps, ProblemReport
from certificates.rules import last_day, verdict_on
from certificates.services.life import replace_certificate, revoke_certificate
from certificates.services.lookup import look_up
from tests.certificates.made import finish, make_certificate
from tests.factories import LATER, make_office

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _noon(time_machine):
    """Look-ups and budgets are counted by the day: none ends in the middle of a test."""
    time_machine.move_to(LATER + timedelta(days=90, hours=7), tick=False)


def page_of(client, certificate, **headers):
    return client.get(reverse("verify", args=[certificate.code]), headers=headers)


def set_rates(settings, **rates):
    every = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | rates
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": every}
    cache.clear()


def test_a_valid_one_shows_the_printed_facts_and_the_time_of_the_check(client):
    certificate = make_certificate("Zainab Malik")

    answer = page_of(client, certificate)

    assert answer.status_code == 200
    text = answer.content.decode()
    facts = ("This certificate is valid", "Zainab Malik", "Course AI", "Board", "1 December 2020", "Pakistan time")
    assert [fact for fact in facts if fact not in text] == []
    assert f"sha256sum certificate.pdf\ncertutil -hashfile certificate.pdf SHA256\n{certificate.sha256}" in text
    assert f'href="/c/{certificate.code}/credential.json"' in text
    assert 'href="/trust/"' in text
    assert answer["X-Robots-Tag"] == "noindex"
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize("verdict", ["valid", "revoked", "replaced", "expired"])
def test_every_state_answers_200_in_two_languages_with_three_statements(client, django_assert_num_queries, verdict):
    certificate = make_certificate()
    if verdict == "revoked":
        revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    if verdict == "replaced":
        replace_certificate(certificate=certificate, note="", by=None, at=LATER)
        finish(certificate.enrolment.cohort)
    if verdict == "expired":
        Certificate.objects.filter(pk=certificate.pk).update(expires_on=date(2020, 12, 31))
    with django_assert_num_queries(3):
        english = page_of(client, certificate)
    urdu = page_of(client, certificate, accept_language="ur")

    assert english.status_code == urdu.status_code == 200
    assert f"hn-v-{verdict}" in english.content.decode()
    assert 'dir="rtl"' in urdu.content.decode()
    assert client.get(f"/api/v1/verify/{certificate.code}/").json()["state"] == verdict


def test_a_replaced_one_leads_to_the_new_one_once_that_is_made(client):
    old = make_certificate()
    new = replace_certificate(certificate=old, note="", by=None, at=LATER)

    before = page_of(client, old).content.decode()
    finish(old.enrolment.cohort)
    after = page_of(client, old).content.decode()

    assert "The new one is being made" in before
    assert reverse("verify", args=[new.code]) not in before
    assert "Open the valid certificate" in after
    assert reverse("verify", args=[new.code]) in after


def test_a_code_is_found_in_any_case_and_spacing(client):
    certificate = make_certificate()

    typed = f" {codes.grouped(certificate.code).lower().replace(' ', ' - ')} "
    answer = client.get(reverse("verify_form"), {"code": typed}, follow=True)

    assert answer.redirect_chain == [(reverse("verify", args=[certificate.code]), 302)]
    assert look_up(typed=typed, at=LATER).verdict == "valid"


def test_a_certificate_expires_at_the_end_of_its_last_day_in_its_own_zone():
    last = date(2026, 3, 31)
    end_in_karachi = datetime(2026, 3, 31, 19, 0, tzinfo=UTC)

    assert verdict_on("issued", last, "Asia/Karachi", end_in_karachi - timedelta(seconds=1)) == "valid"
    assert verdict_on("issued", last, "Asia/Karachi", end_in_karachi) == "expired"
    assert verdict_on("issued", last, "America/New_York", end_in_karachi) == "valid"
    assert verdict_on("issued", None, "Asia/Karachi", end_in_karachi) == "valid"
    assert verdict_on("revoked", last, "Asia/Karachi", end_in_karachi) == "revoked"


def test_the_last_day_falls_on_the_last_of_a_shorter_month():
    assert last_day(date(2024, 2, 29), 12) == date(2025, 2, 28)
    assert last_day(date(2026, 8, 31), 18) == date(2028, 2, 29)
    assert last_day(date(2026, 8, 31), None) is None


def test_look_ups_are_counted_by_day_without_a_trace_of_who_asked(client):
    certificate = make_certificate()

    for _ in range(3):
        page_of(client, certificate)
    client.get(f"/api/v1/verify/{certificate.code}/")
    client.head(reverse("verify", args=[certificate.code]))

    [row] = LookUps.objects.all()
    assert (row.certificate, row.count) == (certificate, 4)
    assert {field.name for field in LookUps._meta.fields} == {"id", "certificate", "day", "count"}
    assert Certificate.objects.with_look_ups().get().looked_up == 4


def test_a_database_that_cannot_count_still_tells_the_verdict(client):
    certificate = make_certificate()

    def refuse_writing(execute, sql, params, many, context):
        if sql.lstrip().startswith("INSERT INTO certificates_lookups"):
            raise DatabaseError("read only")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuse_writing):
        answer = page_of(client, certificate)

    assert b"This certificate is valid" in answer.content
    assert not LookUps.objects.exists()


@pytest.mark.parametrize("language_cookie", ["", "en-gb"])
def test_a_reader_who_is_signed_in_costs_no_statement_more(client, django_assert_num_queries, language_cookie):
    certificate = make_certificate()
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")
    if language_cookie:
        client.cookies["django_language"] = language_cookie

    with django_assert_num_queries(3):
        answer = page_of(client, certificate)

    assert answer.status_code == 200


def test_300_random_codes_find_nothing_and_are_throttled_while_known_ones_pass(client, settings):
    set_rates(settings, verify_unknown="30/day")
    certificate = make_certificate()

    answers = [client.get(f"/c/{codes.make_code()}/").status_code for _ in range(300)]

    assert answers.count(404) == 30
    assert answers.count(429) == 270
    assert page_of(client, certificate).status_code == 200
    refused = client.get(f"/api/v1/verify/{codes.make_code()}/")
    assert (refused.status_code, refused.json()["code"]) == (429, "throttled")
    assert 0 < int(refused["Retry-After"]) <= 86400
    assert client.get(f"/c/{codes.make_code()}/", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_20_real_scans_a_minute_from_one_office_pass_and_nobody_asks_without_end(client, settings):
    certificate = make_certificate()

    assert {page_of(client, certificate).status_code for _ in range(20)} == {200}

    set_rates(settings, verify="5/day")
    answers = [page_of(client, certificate).status_code for _ in range(7)]
    assert answers == [200] * 5 + [429] * 2


def test_a_forged_sender_does_not_get_a_budget_of_its_own(client, settings):
    set_rates(settings, verify_unknown="2/day")

    answers = [client.get(f"/c/{codes.make_code()}/", headers={"x-forwarded-for": f"10.0.0.{n}"}) for n in range(4)]

    assert [answer.status_code for answer in answers] == [404, 404, 429, 429]


@pytest.mark.parametrize("code", ["-", "ABC", "x" * 400, "’‘%", "اردو", "7K4M Q2XW 9HTB 3C5", "..", "0" * 16])
def test_what_is_no_code_is_answered_kindly(client, code):
    answer = client.get(reverse("verify", args=[code]))

    assert answer.status_code == 404
    assert b"hn-verdict" in answer.content


def test_a_problem_is_reported_to_the_office_and_settled(client):
    certificate = make_certificate()
    address = reverse("verify_report", args=[certificate.code])

    empty = client.post(address, {"kind": "paper"})
    sent = client.post(address, {"kind": "paper", "text": "Another name <b>stands</b> there", "email": ""})

    assert "field is required" in empty.content.decode()
    assert "Thank you" in sent.content.decode()
    report = ProblemReport.objects.get()
    client.force_login(make_office(), "django.contrib.auth.backends.ModelBackend")
    assert "&lt;b&gt;stands&lt;/b&gt;" in client.get(reverse("problem_reports")).content.decode()
    client.post(reverse("problem_report_settle", args=[report.pk]))
    assert ProblemReport.objects.get().settled_at is not None


def test_reports_from_one_address_are_limited(client, settings):
    set_rates(settings, report="2/day")

    body = {"kind": "other", "text": "spam"}
    answers = [client.post("/c/ABC/report/", body).status_code for _ in range(3)]

    assert answers == [200, 200, 429]
    assert ProblemReport.objects.count() == 2
