"""Who a label is, decided by a person, and remembered as that person's alias (R29)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.imports.meetings.words import fold
from cohorts.models import Alias, Enrolment, ReportPerson
from cohorts.services.meetings.files import lock_report, reopen
from cohorts.services.meetings.judging import refresh_report
from trainees.models import User


@transaction.atomic
def decide_person(
    *, person: ReportPerson, enrolment_id: int | None, by: User | None, at: datetime, remember: bool = False
) -> ReportPerson:
    """Say that a label is a trainee of the cohort, or (None) nobody of it; with `remember` also in later reports.

    Raises ValidationError for somebody who is not on the register. About twenty queries.
    """
    report = lock_report(person.report)
    enrolment: Enrolment | None = None
    if enrolment_id is not None:
        register = report.session.cohort.enrolments.on_register().select_related("trainee")
        enrolment = register.filter(pk=enrolment_id).first()
        if enrolment is None:
            text = _("This trainee is not on the register of the session.")
            raise ValidationError({"enrolment": ValidationError(text, code="unknown_enrolment")})
    person.verdict = ReportPerson.Verdict.MATCH if enrolment else ReportPerson.Verdict.IGNORE
    person.enrolment, person.how = enrolment, "decided"
    person.decided_by, person.decided_at = by, at
    person.save(update_fields=["verdict", "enrolment", "how", "decided_by", "decided_at"])
    _remember(person, enrolment, by, at, wanted=remember)
    detail = {"enrolment": enrolment_id, "line": person.line, "remember": remember}
    record(act="meeting.decide", by=by, at=at, subject=report.session, detail=detail)
    reopen(report)
    refresh_report(report, at)
    return report.people.get(label=person.label, mark=person.mark)


def _remember(
    person: ReportPerson, enrolment: Enrolment | None, by: User | None, at: datetime, *, wanted: bool
) -> None:
    if enrolment is not None and wanted and (key := fold(person.label)[:200]):
        facts = {"label": person.label, "confirmed_by": by, "confirmed_at": at}
        Alias.objects.update_or_create(key=key, trainee=enrolment.trainee, defaults=facts)


@transaction.atomic
def undo_decision(*, person: ReportPerson, by: User | None, at: datetime) -> ReportPerson:
    """Take a decision back: the label waits again, and an alias that came of it is forgotten."""
    report = lock_report(person.report)
    if person.enrolment is not None:
        Alias.objects.filter(key=fold(person.label)[:200], trainee=person.enrolment.trainee_id).delete()
    ReportPerson.objects.filter(pk=person.pk).update(decided_at=None, decided_by=None)
    record(act="meeting.undo", by=by, at=at, subject=report.session, detail={"line": person.line})
    reopen(report)
    refresh_report(report, at)
    return report.people.get(label=person.label, mark=person.mark)
