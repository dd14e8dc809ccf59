"""What an outcome rests on beside the tallies: dates missed, scores, exceptions. Reads only."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from cohorts import rules
from cohorts.models import (
    AttendanceRecord,
    CarriedSession,
    Cohort,
    CompletionException,
    Enrolment,
    MakeUp,
    MarkStatus,
    Score,
    Session,
)
from cohorts.services.tallies import policy_of
from courses.models import Assessment, AttendancePolicy


def collect_evidence(
    *, cohort: Cohort, policy: AttendancePolicy, enrolments: Sequence[Enrolment]
) -> dict[int, rules.Evidence]:
    """Return by enrolment what is judged beside attendance. Five queries, whatever their number."""
    ids = [each.pk for each in enrolments]
    missed = _missed(ids, policy)
    assessments = list(policy.assessments.order_by("number"))
    scores = _scores(ids, assessments)
    assessed = bool(assessments) and Score.objects.filter(enrolment__cohort=cohort).exists()
    exceptions = _exceptions(ids, ZoneInfo(cohort.time_zone))
    return {
        pk: rules.Evidence(
            missed=missed[pk],
            works=tuple(_work(each, scores.get((pk, each.pk))) for each in assessments),
            assessed=assessed,
            exception=exceptions.get(pk),
        )
        for pk in ids
    }


def explain_enrolment(enrolment: Enrolment) -> list[dict[str, Any]]:
    """Return the conditions of completion as a trainee reads them all along: state, sentence, what is reachable."""
    policy = policy_of(enrolment.cohort)
    evidence = collect_evidence(cohort=enrolment.cohort, policy=policy, enrolments=[enrolment])[enrolment.pk]
    conditions = rules.explain_progress(enrolment, policy, evidence)
    return [{**each, "text": rules.describe(each), "reach": _reach(each)} for each in conditions]


def _reach(condition: dict[str, Any]) -> str:
    if "best" not in condition:
        return ""
    if condition["state"] == "lost":
        return _("At best %(best)s %% can be reached now, which is not enough.") % condition
    if condition["state"] == "met":
        return _("This cannot be lost any more.")
    if condition.get("spare_minutes") is not None:
        text = _(
            "At best %(best)s %% can be reached; %(may_miss)s more may be missed, whichever they are, "
            "up to %(spare_minutes)s minutes."
        )
        return text % condition
    if "may_miss" in condition:
        return _("At best %(best)s %% can be reached; %(may_miss)s more may be missed.") % condition
    return _("At best %(best)s %% can be reached.") % condition


def _missed(ids: list[int], policy: AttendancePolicy) -> dict[int, list[date]]:
    """Return the days that count as missed, as the tallies count them: not what was cancelled or credited."""
    own = {"enrolment": OuterRef("enrolment")}
    made_up = MakeUp.objects.filter(**own, missed=OuterRef("session"))
    carried = CarriedSession.objects.filter(**own, session=OuterRef("session"))
    absent = Q(Q(status=MarkStatus.ABSENT), ~Exists(made_up))
    if policy.excused == "absent":
        absent |= Q(status=MarkStatus.EXCUSED)
    found = AttendanceRecord.objects.filter(absent, ~Exists(carried), enrolment__in=ids)
    found = found.exclude(session__state=Session.State.CANCELLED).order_by("session__starts_at")
    missed: dict[int, list[date]] = defaultdict(list)
    for enrolment_id, day in found.values_list("enrolment_id", "session__date"):
        missed[enrolment_id].append(day)
    return missed


def _scores(ids: list[int], assessments: list[Assessment]) -> dict[tuple[int, int], int]:
    found = Score.objects.filter(enrolment__in=ids, assessment__in=assessments)
    return {(score.enrolment_id, score.assessment_id): score.hundredths for score in found}


def _exceptions(ids: list[int], zone: ZoneInfo) -> dict[int, rules.Granted]:
    found = CompletionException.objects.filter(enrolment__in=ids, lifted_at__isnull=True).select_related("by")
    return {
        each.enrolment_id: rules.Granted(
            reason=each.reason,
            by=each.by.get_full_name() if each.by else _("the system"),
            on=each.at.astimezone(zone).date(),
        )
        for each in found
    }


def _work(assessment: Assessment, hundredths: int | None) -> rules.Work:
    return rules.Work(assessment.name, assessment.weight, assessment.points, assessment.required, hundredths)
