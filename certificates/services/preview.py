"""The dry run: who would get a certificate now, whose name has to be mended first, who would not and by how much."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Certificate
from certificates.rules import Unprintable
from certificates.services.issue import due_enrolments, unprintable_name
from cohorts.models import Cohort, Enrolment
from cohorts.rules import Rate, compute_rates, describe, join_dates, units_missing


@dataclass(frozen=True)
class Refusal:
    """Somebody who gets none now: why, as sentences; what is missing in a few words, and by how much."""

    enrolment: Enrolment
    reason: str
    missing: str = ""
    by_how_much: str = ""
    certificate: Certificate | None = None

    @property
    def is_failure(self) -> bool:
        """Tell who did not reach what was asked from who withdrew, never came, or has a certificate."""
        return bool(self.missing)


@dataclass(frozen=True)
class IssuePreview:
    """Every enrolment of a cohort stands in exactly one list."""

    cohort: Cohort
    due: list[Enrolment]
    unprintable: list[tuple[Enrolment, Unprintable]]
    refused: list[Refusal]

    @property
    def total(self) -> int:
        return len(self.due) + len(self.unprintable) + len(self.refused)

    @property
    def holders(self) -> list[Refusal]:
        return [each for each in self.refused if each.certificate is not None]

    @property
    def without(self) -> list[Refusal]:
        return [each for each in self.refused if each.certificate is None]

    @property
    def by_length(self) -> list[Enrolment]:
        """Those who are due, the longest name first: where a page would break, if it did."""
        return sorted(self.due, key=lambda each: -len(each.trainee.full_name))


def preview_issue(*, cohort: Cohort) -> IssuePreview:
    """Return who will get a certificate, whose name cannot be printed, and who will not and why. Three queries."""
    due = {enrolment.pk: enrolment for enrolment in due_enrolments(cohort)}
    unprintable = [(each, problem) for each in due.values() if (problem := unprintable_name(each))]
    waiting = {each.pk for each, _problem in unprintable}
    held = {each.enrolment_id: each for each in Certificate.objects.filter(enrolment__cohort=cohort).order_by("id")}
    everybody = cohort.enrolments.exclude(
        status__in=[Enrolment.Status.WAITLISTED, Enrolment.Status.OFFERED]
    ).select_related("trainee")
    refused = [
        why_not(each, cohort, held.get(each.pk))
        for each in everybody.order_by("trainee__full_name", "id")
        if each.pk not in due
    ]
    printable = [each for each in due.values() if each.pk not in waiting]
    return IssuePreview(cohort, printable, unprintable, sorted(refused, key=lambda each: not each.is_failure))


def why_not(enrolment: Enrolment, cohort: Cohort, newest: Certificate | None) -> Refusal:
    """Say why an enrolment gets no certificate now. No query on a cohort read with its policy."""
    if newest is not None:
        values = {"serial": newest.serial, "state": newest.get_state_display()}
        return Refusal(enrolment, _("Has certificate %(serial)s (%(state)s).") % values, certificate=newest)
    if enrolment.status == Enrolment.Status.WITHDRAWN:
        on = date_format(enrolment.withdrawn_at, "j F Y") if enrolment.withdrawn_at else ""
        return Refusal(enrolment, _("Withdrew on %s.") % on)
    if enrolment.status == Enrolment.Status.NO_SHOW:
        return Refusal(enrolment, _("Did not come."))
    if enrolment.status == Enrolment.Status.ENROLLED:
        return Refusal(enrolment, _("The cohort is not closed yet."))
    sentences = " ".join(describe(reason) for reason in enrolment.reasons)
    unmet = [reason for reason in enrolment.reasons if not reason.get("met", True)]
    missing = " ".join(_missing(reason) for reason in unmet) or sentences
    below = next((reason for reason in unmet if reason["code"] == "attendance_below_minimum"), None)
    return Refusal(enrolment, sentences, missing, _by_how_much(enrolment, cohort, below) if below else "")


def _missing(reason: dict[str, Any]) -> str:
    if reason["code"] != "attendance_below_minimum":
        return describe(reason)
    needed = reason["needed"] if reason.get("inclusive", True) else _("more than %s") % reason["needed"]
    return _("Attendance %(percent)s %%, needs %(needed)s.") % {"percent": reason["percent"], "needed": needed}


def _by_how_much(enrolment: Enrolment, cohort: Cohort, below: dict[str, Any]) -> str:
    """Say how far the minimum was, in hours or sessions, and when it was missed."""
    rate = compute_rates(enrolment, cohort.policy).to_date if cohort.policy else None
    parts = [_short_of(rate, cohort, below)] if rate else []
    if below.get("missed"):
        parts.append(_("missed %s") % join_dates([date.fromisoformat(day) for day in below["missed"]]))
    if enrolment.sessions_unmarked:
        unmarked = ngettext("%(n)d session unmarked", "%(n)d sessions unmarked", enrolment.sessions_unmarked)
        parts.append(unmarked % {"n": enrolment.sessions_unmarked})
    return "; ".join(parts)


def _short_of(rate: Rate, cohort: Cohort, below: dict[str, Any]) -> str:
    units = units_missing(rate, cohort.policy)  # type: ignore[arg-type]
    if below["counted_by"] == "minutes":
        return _("%(missing)s short of %(all)s") % {"missing": _hours(units), "all": _hours(rate.possible)}
    sessions = -(-units // 100)
    text = ngettext("%(n)d session short of %(all)d", "%(n)d sessions short of %(all)d", sessions)
    return text % {"n": sessions, "all": rate.possible // 100}


def _hours(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{hours} h" if hours else "", f"{rest} min" if rest or not hours else "") if part
    )
