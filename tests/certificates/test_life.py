"""Revoke, replace, renew, correct a name, outlive the account (R54-R60, R65, R71)."""

from datetime import date, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from audit.models import AuditEntry
from certificates.models import Certificate
from certificates.rules import letters_changed, needs_evidence
from certificates.services.life import NotCompleted, replace_certificate, revoke_certificate
from certificates.sharing import sharing_of
from cohorts.models import Enrolment
from cohorts.services.attendance import Mark, mark_attendance
from cohorts.services.completion import close_cohort, grant_exception, reopen_cohort
from courses.models import Programme
from tests.certificates.made import finish, make_certificate
from tests.factories import LATER, make_cohort, make_enrolment, make_office, make_programme
from trainees.models import Message

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def office(client):
    user = make_office()
    client.force_login(user, BACKEND)
    return user


def rename(certificate, name):
    trainee = certificate.enrolment.trainee
    trainee.full_name = name
    trainee.save(update_fields=["full_name"])


def test_a_revocation_asks_twice_and_says_what_follows(client, office):
    certificate = make_certificate()
    address = reverse("certificate_revoke", args=[certificate.code])
    answer = {"reason": "conduct", "note": "a private word"}

    asked = client.post(address, answer)
    certificate.refresh_from_db()
    assert (asked.status_code, certificate.state) == (200, "issued")
    assert "It cannot be taken back" in asked.content.decode()
    assert "The rules of the programme were broken." in asked.content.decode()

    client.post(address, {**answer, "confirm": "on"})

    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation_reason, certificate.revoked_by) == ("revoked", "conduct", office)
    assert certificate.revocation_note == "a private word"
    assert AuditEntry.objects.get(act="certificate.revoke").by == office
    mail = Message.objects.get(key=f"certificate-{certificate.pk}-revoked-1")
    assert "The rules of the programme were broken." in mail.text
    assert "a private word" not in mail.text + mail.html


def test_a_reason_outside_the_list_revokes_nothing(client, office):
    certificate = make_certificate()

    refused = client.post(
        reverse("certificate_revoke", args=[certificate.code]), {"reason": "name", "confirm": "on"}
    ).content.decode()

    assert "Select a valid choice" in refused
    with pytest.raises(ValidationError, match="Choose a reason"):
        revoke_certificate(certificate=certificate, reason="spite", note="", by=None, at=LATER)
    assert Certificate.objects.get().state == "issued"


def test_the_page_of_a_certificate_offers_the_corrected_name(client, office):
    certificate = make_certificate("Mohammad Usman")
    rename(certificate, "Muhammad Usman")

    page = client.get(reverse("certificate", args=[certificate.code])).content.decode()
    form = client.get(reverse("certificate_replace", args=[certificate.code])).content.decode()
    client.post(reverse("certificate_replace", args=[certificate.code]), {"reason": "name", "note": ""})

    assert "Printed: Mohammad Usman. Now: Muhammad Usman." in page
    assert "Mohammad Usman" in form
    assert "Muhammad Usman" in form
    old, new = Certificate.objects.order_by("id")
    assert (old.state, new.state, new.name, new.replaces) == ("replaced", "pending", "Muhammad Usman", old)
    assert old.name == "Mohammad Usman"
    assert old.serial != new.serial


def test_one_or_two_letters_need_no_evidence_and_all_else_does():
    assert letters_changed("Mohammad  Usman", "muhammad usman") == 1
    assert not needs_evidence("Mohammad Usman", "Muhammad Usmaan", corrected_before=False)
    assert needs_evidence("Mohammad Usman", "Muhammad Usmaan", corrected_before=True)
    assert needs_evidence("Mohammad Usman", "Ali Raza", corrected_before=False)
    assert not needs_evidence("Ali Raza", "Ali Raza", corrected_before=True)


def test_a_larger_or_second_correction_is_refused_without_its_evidence(client, office):
    certificate = make_certificate("Mohammad Usman")
    rename(certificate, "Muhammad Usman Khan Khattak")
    address = reverse("certificate_replace", args=[certificate.code])

    refused = client.post(address, {"reason": "name", "note": ""}).content.decode()
    assert "write down what proves it" in refused
    client.post(address, {"reason": "name", "note": "identity card seen"})
    second = finish(certificate.enrolment.cohort)[-1]
    rename(second, "Muhammad Usman Khan Khatak")

    with pytest.raises(ValidationError, match="what proves it"):
        replace_certificate(certificate=second, note=" ", by=None, at=LATER)
    assert Certificate.objects.count() == 2


@pytest.mark.parametrize("outcome", ["reopened", "not completed"])
def test_whoever_has_not_completed_any_more_gets_no_new_certificate(client, office, outcome):
    certificate = make_certificate()
    enrolment = certificate.enrolment
    reopen_cohort(cohort=enrolment.cohort, reason="a mark was wrong", by=None, at=LATER)
    if outcome == "not completed":
        Enrolment.objects.filter(pk=enrolment.pk).update(status="not_completed", closed_at=LATER)

    page = client.get(reverse("certificate", args=[certificate.code])).content.decode()
    assert "The outcome no longer agrees" in page
    assert reverse("certificate_replace", args=[certificate.code]) not in page
    with pytest.raises(NotCompleted, match="has not completed"):
        replace_certificate(certificate=certificate, note="", by=None, at=LATER)
    revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    with pytest.raises(NotCompleted):
        replace_certificate(certificate=certificate, note="", by=None, at=LATER)

    assert Certificate.objects.count() == 1


def test_the_dry_run_says_who_gets_one_by_exception(client, office):
    cohort = make_cohort(sessions=1)
    enrolment = make_enrolment(cohort)
    mark_attendance(
        session=cohort.sessions.get(), marks=[Mark(enrolment.pk, "absent")], version=None, by=None, at=LATER
    )
    grant_exception(enrolment=enrolment, reason="a week in hospital", by=office, at=LATER)
    close_cohort(cohort=cohort, by=None, at=LATER)

    page = client.get(reverse("certificates_issue", args=[cohort.code])).content.decode()

    assert "a week in hospital" in page


def test_what_expires_is_renewed_by_a_new_one_linked_to_it():
    make_programme(certificate_valid_months=24)
    certificate = make_certificate(at=LATER)
    assert certificate.expires_on == date(2022, 12, 1)
    assert certificate.printed["valid_until"] == "2022-12-01"

    renewed = replace_certificate(
        certificate=certificate, reason="renewal", note="", by=None, at=LATER + timedelta(days=900)
    )

    certificate.refresh_from_db()
    assert (certificate.state, certificate.revocation_reason) == ("replaced", "renewal")
    assert renewed.expires_on == date(2025, 5, 20)
    assert renewed.replaces == certificate


def test_what_never_expires_is_not_renewed():
    certificate = make_certificate()

    with pytest.raises(ValidationError, match="never expires"):
        replace_certificate(certificate=certificate, reason="renewal", note="", by=None, at=LATER)

    assert Programme.objects.get().certificate_valid_months is None


def test_a_certificate_outlives_account_and_person(client):
    certificate = make_certificate("Zainab Malik")
    trainee = certificate.enrolment.trainee
    before = client.get(f"/api/v1/verify/{certificate.code}/").json()
    user, trainee.user = trainee.user, None
    trainee.full_name, trainee.full_name_ur, trainee.email = "Erased", "", "erased@example.org"
    trainee.save()
    user.delete()

    after = client.get(f"/api/v1/verify/{certificate.code}/").json()

    assert after == before
    assert after["name"] == "Zainab Malik"
    assert b"Zainab Malik" in client.get(reverse("verify", args=[certificate.code])).content


def test_only_an_imported_one_may_stand_without_enrolment():
    certificate = make_certificate()

    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(enrolment=None, batch=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.filter(pk=certificate.pk).update(imported_at=LATER)

    Certificate.objects.filter(pk=certificate.pk).update(enrolment=None, batch=None, imported_at=LATER, sha256="")


def test_the_address_of_the_file_holds_its_edition(client):
    certificate = make_certificate()
    client.force_login(certificate.enrolment.trainee.user, BACKEND)

    leads = client.get(reverse("certificate_newest", args=[certificate.code]))
    assert leads["Location"] == f"/certificates/{certificate.code}/pdf/1/"
    file = client.get(leads["Location"])

    assert b"".join(file.streaming_content) == certificate.path.read_bytes()
    assert client.get(f"/certificates/{certificate.code}/pdf/2/").status_code == 404


def test_the_holder_shares_only_what_is_valid_and_sees_how_often_it_was_looked_up(client):
    certificate = make_certificate()
    client.get(reverse("verify", args=[certificate.code]))
    client.force_login(certificate.enrolment.trainee.user, BACKEND)

    page = client.get(reverse("me")).content.decode()
    revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)
    after = client.get(reverse("me")).content.decode()

    assert "Looked up 1 time;" in page
    assert f'href="/c/{certificate.code}/credential.json" download' in page
    assert "linkedin.com/profile/add?startTask=CERTIFICATION_NAME" in page
    assert "linkedin" not in after


def test_linkedin_gets_seven_fields_and_no_more():
    certificate = make_certificate()

    address = urlsplit(sharing_of(certificate).linkedin)

    assert (address.netloc, address.path) == ("www.linkedin.com", "/profile/add")
    assert {name: values[0] for name, values in parse_qs(address.query).items()} == {
        "startTask": "CERTIFICATION_NAME",
        "name": "Course AI",
        "organizationName": "Board",
        "issueYear": "2020",
        "issueMonth": "12",
        "certId": certificate.serial,
        "certUrl": certificate.printed["verify_url"],
    }


def test_a_revoked_person_is_not_due_again_by_itself():
    certificate = make_certificate()

    revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=LATER)

    assert not Enrolment.objects.filter(status="completed", certificates__isnull=True).exists()
