"""Acts on many cohorts, certificates, batches, mails and reports at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from certificates.models import Batch, Certificate, ProblemReport
from certificates.permissions import can_issue, can_revoke
from certificates.services.batch import retry_batch, retry_certificate
from certificates.services.issue import issue_certificates
from certificates.services.report import settle_report
from cohorts.models import Cohort
from cohorts.permissions import can_announce, can_close
from cohorts.services.completion import close_cohort
from portal.lists.acts import Act
from trainees.models import Message
from trainees.services.messages import cancel_message, retry_failed


class CloseForm(forms.Form):
    unassessed = forms.CharField(
        label=_("Where scores are missing: why nothing was assessed"),
        help_text=_("It stands in every outcome. Leave it empty to pass over cohorts that still lack scores."),
        max_length=300,
        required=False,
    )


def _cohorts() -> QuerySet[Cohort]:
    return Cohort.objects.select_related("course", "policy")


def may_act_on_mails(user: Any) -> bool:
    return user.is_authenticated and user.has_perm("trainees.change_message")


def _close(row: Cohort, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    close_cohort(cohort=row, unassessed=values["unassessed"], by=by, at=at)


def _issue(row: Cohort, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    issue_certificates(cohort=row, by=by, at=at)


def _retry_certificate(row: Certificate, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    retry_certificate(certificate=row, by=by, at=at)


def _retry_batch(row: Batch, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    if not retry_batch(batch=row, by=by, at=at):
        raise ValidationError(_now("Nothing in it has failed."), code="not_failed")


def _retry_mail(row: Message, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    if not retry_failed(message=row, by=by, at=at):
        raise ValidationError(_now("It has not failed."), code="not_failed")


def _cancel_mail(row: Message, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    cancel_message(message=row, by=by, at=at)


def _settle(row: ProblemReport, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    if not settle_report(report=row, by=by, at=at):
        raise ValidationError(_now("It was settled before."), code="settled")


ISSUE = Act(
    key="issue",
    verb=_("Issue certificates"),
    icon="certificate",
    may=can_issue,
    rows=_cohorts,
    state=("state",),
    name="code",
    do=_issue,
    button=lambda n: ngettext("Issue in %d cohort", "Issue in %d cohorts", n) % n,
)

OF_COHORTS = (
    Act(key="write", verb=_("Write to their people"), icon="mail", may=can_announce, leads_to="announcement_new"),
    Act(
        key="close",
        verb=_("Close"),
        icon="flag",
        may=lambda user: can_close(user, Cohort()),
        rows=_cohorts,
        state=("state",),
        name="code",
        do=_close,
        form=CloseForm,
        button=lambda n: ngettext("Close %d cohort", "Close %d cohorts", n) % n,
        is_dangerous=True,
    ),
    ISSUE,
)

OF_CERTIFICATES = (
    Act(
        key="retry",
        verb=_("Print again"),
        icon="refresh",
        may=can_issue,
        rows=lambda: Certificate.objects.all(),
        state=("state", "attempts"),
        name="name",
        do=_retry_certificate,
        button=lambda n: ngettext("Print %d certificate again", "Print %d certificates again", n) % n,
    ),
)

OF_BATCHES = (
    Act(
        key="retry",
        verb=_("Retry what failed"),
        icon="refresh",
        may=can_issue,
        rows=lambda: Batch.objects.select_related("cohort"),
        name="cohort.code",
        do=_retry_batch,
        button=lambda n: ngettext("Retry %d batch", "Retry %d batches", n) % n,
    ),
)

ON_MAILS: dict[str, Any] = {
    "may": may_act_on_mails,
    "rows": lambda: Message.objects.defer("text", "html", "attachments"),
    "state": ("state",),
    "name": "subject",
}
OF_MESSAGES = (
    Act(
        key="retry",
        verb=_("Send again"),
        icon="refresh",
        do=_retry_mail,
        button=lambda n: ngettext("Send %d mail again", "Send %d mails again", n) % n,
        **ON_MAILS,
    ),
    Act(
        key="cancel",
        verb=_("Take back"),
        icon="x",
        do=_cancel_mail,
        button=lambda n: ngettext("Take %d mail back", "Take %d mails back", n) % n,
        is_dangerous=True,
        **ON_MAILS,
    ),
)

OF_PROBLEMS = (
    Act(
        key="settle",
        verb=_("Settled"),
        icon="check",
        may=can_revoke,
        rows=lambda: ProblemReport.objects.all(),
        state=("settled_at",),
        name="code",
        do=_settle,
        button=lambda n: ngettext("Settle %d report", "Settle %d reports", n) % n,
    ),
)
