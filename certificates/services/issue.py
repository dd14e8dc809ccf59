"""Issuing: who is due, and the rows that are the jobs of the worker."""

import secrets
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Min
from django.utils.translation import gettext as _

from audit.services import record
from certificates.codes import grouped, make_code
from certificates.credential.build import STATUS_LIST_LENGTH
from certificates.models import Batch, Certificate
from certificates.rules import FACES, Printed, Unprintable, check_name, check_name_ur, last_day, missing_letters
from certificates.services.designs import design_in_use, signatories_of
from cohorts.models import Cohort, Enrolment
from cohorts.services.enrolment import lock_cohort
from trainees.models import User
from trainees.rules import clean_text

AT_ONCE = 10  # certificates of one message; what is urgent waits as long as these take


class NotClosed(ValidationError):
    """Outcomes exist only once a cohort is closed."""

    def __init__(self, cohort: Cohort) -> None:
        text = _("%(code)s is not closed; close it first, then issue.") % {"code": cohort.code}
        super().__init__(text, code="not_closed")


class NobodyDue(ValidationError):
    """There is nothing to issue."""

    def __init__(self, cohort: Cohort) -> None:
        super().__init__(_("Nobody in %(code)s is due a certificate.") % {"code": cohort.code}, code="nobody_due")


class UnprintableFact(ValidationError):
    """Something that stands on every certificate of a cohort has a letter that the fonts lack (R63)."""

    def __init__(self, text: str, letters: list[str]) -> None:
        message = _("“%(text)s” cannot be printed: the face lacks %(letters)s. Change it, then issue.")
        super().__init__(message % {"text": text, "letters": " ".join(letters)}, code="unprintable_fact")


def due_enrolments(cohort: Cohort) -> list[Enrolment]:
    """Return those who completed and never had a certificate, by name (R48). One query.

    After a revocation nothing is due again: a person replaces it (R55).
    """
    completed = cohort.enrolments.filter(status=Enrolment.Status.COMPLETED, certificates__isnull=True)
    return list(completed.select_related("trainee", "trainee__user").order_by("trainee__full_name", "id"))


def unprintable_name(enrolment: Enrolment) -> Unprintable | None:
    """Say why the names of a trainee cannot be printed, if so."""
    return check_name(enrolment.trainee.full_name) or check_name_ur(enrolment.trainee.full_name_ur)


@transaction.atomic
def issue_certificates(*, cohort: Cohort, by: User | None, at: datetime) -> Batch:
    """Make a batch with a row for everybody who is due and printable; the worker draws them afterwards.

    Under the cohort's lock, so that parallel calls issue once (R49): who comes second finds nobody due.
    Raises NotClosed, NobodyDue. A fixed number of queries (R66).
    """
    locked = lock_cohort(cohort)
    if locked.state != Cohort.State.CLOSED:
        raise NotClosed(locked)
    due = [each for each in due_enrolments(locked) if not unprintable_name(each)]
    if not due:
        raise NobodyDue(locked)
    batch = Batch.objects.create(
        cohort=locked, by=by, total=len(due), started_at=at, told_at=None if by is not None else at
    )
    create_certificates(batch=batch, enrolments=due, at=at)
    record(act="certificates.issue", by=by, at=at, subject=batch, detail={"cohort": locked.code, "total": len(due)})
    transaction.on_commit(lambda: ring_batch(batch.pk), robust=True)
    return batch


def create_certificates(
    *, batch: Batch, enrolments: list[Enrolment], at: datetime, replaces: Certificate | None = None
) -> list[Certificate]:
    """Create the rows with everything that will be printed. A fixed number of queries.

    Raises UnprintableFact.
    """
    cohort, dates, signatories = _common_facts(enrolments[0].cohort_id)
    refuse_unprintable(cohort, signatories)
    design = design_in_use(cohort.course)
    indices = free_indices(len(enrolments))
    rows = []
    for enrolment, index in zip(enrolments, indices, strict=True):
        printed = snapshot(enrolment, cohort, dates, signatories, at)
        rows.append(
            Certificate(
                enrolment=enrolment,
                batch=batch,
                code=printed.code,
                serial=printed.serial,
                status_index=index,
                name=printed.name,
                printed=printed.as_json(),
                expires_on=date.fromisoformat(printed.valid_until) if printed.valid_until else None,
                template_version=design,
                policy_version=cohort.policy.version if cohort.policy else 0,
                replaces=replaces,
                created_at=at,
                rung_at=at,
            )
        )
    return Certificate.objects.bulk_create(rows)


def sample(*, enrolment: Enrolment, at: datetime) -> Printed:
    """Return what would be printed for somebody, for the picture in the dry run; nothing is written. Three queries."""
    return snapshot(enrolment, *_common_facts(enrolment.cohort_id), at)


def _common_facts(cohort_id: int) -> tuple[Cohort, dict[str, Any], list[dict[str, str]]]:
    """Read what is the same on all certificates of a cohort: the cohort, its dates, who signs."""
    cohort = Cohort.objects.select_related("course__programme", "policy").get(pk=cohort_id)
    dates = cohort.sessions.countable().aggregate(first=Min("date"), last=Max("date"))
    return cohort, dates, signatories_of(cohort.course)


def refuse_unprintable(cohort: Cohort, signatories: list[dict[str, str]]) -> None:
    """Raise UnprintableFact for a letter in a common fact that no face has, before anything is made."""
    course = cohort.course
    texts = [course.title, course.programme.title, course.programme.organisation, cohort.code]
    for text in [*texts, *(each[part] for each in signatories for part in ("name", "title"))]:
        if missing := missing_letters(text, FACES["semibold"]):
            raise UnprintableFact(text, missing)


def snapshot(
    enrolment: Enrolment, cohort: Cohort, dates: dict[str, Any], signatories: list[dict[str, str]], at: datetime
) -> Printed:
    """Return every fact as it stands now; later changes do not reach the certificate (R52)."""
    code, serial = new_code()
    issued_on = at.astimezone(ZoneInfo(cohort.time_zone)).date()
    expires_on = last_day(issued_on, cohort.course.programme.certificate_valid_months)
    return Printed(
        code=code,
        serial=serial,
        verify_url=f"{settings.SITE_URL}/c/{code}/",
        name=clean_text(enrolment.trainee.full_name, 120),
        name_ur=clean_text(enrolment.trainee.full_name_ur, 120),
        programme=cohort.course.programme.title,
        organisation=cohort.course.programme.organisation,
        course=cohort.course.title,
        course_code=cohort.course.code,
        cohort=cohort.code,
        contact_hours=cohort.course.contact_hours,
        starts_on=(dates["first"] or cohort.starts_on).isoformat(),
        ends_on=(dates["last"] or cohort.starts_on).isoformat(),
        issued_on=issued_on.isoformat(),
        valid_until=expires_on.isoformat() if expires_on else "",
        time_zone=cohort.time_zone,
        signatories=signatories,
    )


def new_code() -> tuple[str, str]:
    """Return a new code and the serial that is printed of it."""
    code = make_code()
    return code, grouped(code).replace(" ", "-")


def free_indices(count: int) -> list[int]:
    """Draw places in the status list at random from the free ones, so that neighbours tell nothing."""
    taken = set(Certificate.objects.values_list("status_index", flat=True))
    lists = len(taken) // (STATUS_LIST_LENGTH * 3 // 4) + 1  # a list that is three quarters full gets a successor
    drawn: list[int] = []
    while len(drawn) < count:
        index = secrets.randbelow(STATUS_LIST_LENGTH * lists)
        if index not in taken:
            taken.add(index)
            drawn.append(index)
    return drawn


def ring_batch(batch_id: int) -> None:
    """Tell the worker that a batch has rows; by name, since the tasks call the services."""
    current_app.send_task("certificates.tasks.ring_batch", kwargs={"batch_id": batch_id})


def ring(certificate_ids: list[int]) -> None:
    """Tell the worker that certificates wait, a few with each message: taking one costs a broker on files 0.1 s."""
    for start in range(0, len(certificate_ids), AT_ONCE):
        few = certificate_ids[start : start + AT_ONCE]
        current_app.send_task("certificates.tasks.render_certificates", kwargs={"certificate_ids": few})
