"""Many act on the same certificates at once: each exists once, ends once, and every look-up counts."""

import pytest
from django.utils import timezone

from certificates.models import Archive, Batch, Certificate, Key, LookUps
from certificates.services.archive import request_archive
from certificates.services.issue import NobodyDue, issue_certificates
from certificates.services.keys import make_keys
from certificates.services.life import NotIssued, replace_certificate, revoke_certificate
from certificates.services.lookup import count_look_up
from cohorts.models import Cohort
from tests.certificates.made import make_certificate, make_closed_cohort
from tests.factories import LATER
from tests.races.test_places import run_together
from trainees.models import Message

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time
NAMES = [f"Person {chr(65 + n // 26)}{chr(97 + n % 26)}" for n in range(100)]


def test_issuing_a_cohort_20_times_at_once_gives_100_certificates():
    cohort = make_closed_cohort(*NAMES)

    results = run_together(
        [lambda: issue_certificates(cohort=Cohort.objects.get(), by=None, at=LATER) for _ in range(20)]
    )

    assert sum(isinstance(each, Batch) for each in results) == 1
    assert sum(isinstance(each, NobodyDue) for each in results) == 19
    rows = Certificate.objects.filter(enrolment__cohort=cohort)
    for name in ("enrolment_id", "code", "serial", "status_index"):
        assert len(set(rows.values_list(name, flat=True))) == 100
    assert rows.count() == 100


def test_workers_that_start_at_once_make_one_set_of_keys():
    results = run_together([lambda: make_keys(by=None, at=LATER) for _ in range(4)])

    assert sorted(len(each) for each in results) == [0, 0, 0, 3]
    assert sorted(Key.objects.values_list("kind", flat=True)) == sorted(Key.Kind.values)


def test_of_many_revocations_and_replacements_one_wins():
    certificate = make_certificate()

    def revoke():
        return revoke_certificate(certificate=certificate, reason="error", note="", by=None, at=timezone.now())

    def replace():
        return replace_certificate(certificate=certificate, note="", by=None, at=timezone.now())

    results = run_together([revoke, replace] * 6)

    ended = Certificate.objects.get(pk=certificate.pk)
    assert ended.state in ("revoked", "replaced")
    assert sum(not isinstance(each, Exception) for each in results) in (1, 2)  # after a revocation one replaces it
    assert {type(each) for each in results if isinstance(each, Exception)} == {NotIssued}
    assert Certificate.objects.filter(state="pending").count() == sum(
        isinstance(each, Certificate) and each.pk != certificate.pk for each in results
    )
    assert Message.objects.filter(key__contains="-revoked-").count() <= 1


def test_every_look_up_of_many_at_once_counts():
    certificate = make_certificate()

    run_together([lambda: count_look_up(certificate=certificate, at=LATER) for _ in range(30)])

    assert list(LookUps.objects.values_list("count", flat=True)) == [30]


def test_asking_for_a_zip_many_times_at_once_gives_one():
    cohort = make_certificate().enrolment.cohort

    results = run_together([lambda: request_archive(cohort=cohort, by=None, at=LATER) for _ in range(8)])

    assert {each.pk for each in results} == {Archive.objects.get().pk}
