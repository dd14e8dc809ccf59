"""Acts on many people and applications at once: each is one service call for each row."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from admissions.models import Application
from admissions.permissions import can_review
from admissions.services import decide_application, reopen_application
from cohorts.models import Cohort, Enrolment
from cohorts.permissions import can_announce, can_grant_exception, can_manage_enrolment
from cohorts.services.completion import grant_exception
from cohorts.services.enrolment import mark_no_show, transfer, withdraw
from cohorts.services.locks import lock_in_order
from portal.lists.acts import AT_ONCE, Act


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), max_length=200)


class CohortChoice(forms.ModelChoiceField):
    """A cohort with a free place, found by its code."""

    def label_from_instance(self, obj: Any) -> str:
        left = ngettext("%d place left", "%d places left", obj.places_left) % obj.places_left
        return f"{obj.code} · {obj.course.title} · {obj.starts_on:%d %b %Y} · {left}"


class MoveForm(forms.Form):
    cohort = CohortChoice(label=_("To cohort"), queryset=Cohort.objects.none(), to_field_name="code")
    carry = forms.BooleanField(label=_("Carry over the sessions attended"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cohorts = Cohort.objects.offered().exclude(state=Cohort.State.CLOSED).with_places().select_related("course")
        # Where people wait, they take what becomes free (R36).
        free = cohorts.filter(capacity__gt=F("taken"), waiting=0)  # type: ignore[misc]
        self.fields["cohort"].queryset = free.order_by("starts_on", "id")  # type: ignore[attr-defined]


def _leave_out_own(form: MoveForm, ids: Collection[int]) -> None:
    """Nobody is moved to where they all are already. One query."""
    own = Enrolment.objects.filter(pk__in=ids).order_by().values_list("cohort", flat=True).distinct()[:2]
    if len(own) == 1:
        choice: Any = form.fields["cohort"]
        choice.queryset = choice.queryset.exclude(pk=own[0])


def _enrolments() -> QuerySet[Enrolment]:
    return Enrolment.objects.select_related("trainee__user", "cohort__course__programme")


def _applications() -> QuerySet[Application]:
    return Application.objects.defer("typed")


def _lock_cohorts(ids: list[int], values: Mapping[str, Any]) -> None:
    """Lock every cohort that a preview touches, in the order of their ids, as all services do."""
    touched = Q(pk__in=Enrolment.objects.filter(pk__in=ids).values("cohort"))
    if "cohort" in values:
        touched |= Q(pk=values["cohort"].pk)
    lock_in_order(Cohort.objects.filter(touched))


def _move(row: Enrolment, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    transfer(enrolment=row, cohort=values["cohort"], carry=values["carry"], by=by, at=at)


def _withdraw(row: Enrolment, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    withdraw(enrolment=row, reason=values["reason"], by=by, at=at)


def _no_show(row: Enrolment, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    mark_no_show(enrolment=row, by=by, at=at)


def _except(row: Enrolment, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    grant_exception(enrolment=row, reason=values["reason"], by=by, at=at)


def _accept(row: Application, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    decide_application(application=row, accept=True, reason="", by=by, at=at)


def _reject(row: Application, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    decide_application(application=row, accept=False, reason=values["reason"], by=by, at=at)


def _reopen(row: Application, values: Mapping[str, Any], *, by: Any, at: datetime) -> None:
    reopen_application(application=row, reason=values["reason"], by=by, at=at)


ON_ENROLMENTS: dict[str, Any] = {
    "rows": _enrolments,
    "state": ("status", "cohort_id"),
    "name": "trainee.full_name",
    "group": "cohort_id",
}
ON_APPLICATIONS: dict[str, Any] = {"rows": _applications, "state": ("status",), "name": "full_name"}

OF_ENROLMENTS = (
    Act(key="write", verb=_("Write"), icon="mail", may=can_announce, leads_to="announcement_new"),
    Act(
        key="move",
        verb=_("Move"),
        icon="repeat",
        may=can_manage_enrolment,
        do=_move,
        form=MoveForm,
        fit=_leave_out_own,
        lock=_lock_cohorts,
        most=AT_ONCE,
        button=lambda n: ngettext("Move %d person", "Move %d people", n) % n,
        **ON_ENROLMENTS,
    ),
    Act(
        key="except",
        verb=_("Exception"),
        icon="shield-check",
        may=can_grant_exception,
        do=_except,
        form=ReasonForm,
        lock=_lock_cohorts,
        button=lambda n: ngettext("Grant %d exception", "Grant %d exceptions", n) % n,
        **ON_ENROLMENTS,
    ),
    Act(
        key="no_show",
        verb=_("Never came"),
        icon="user-question",
        may=can_manage_enrolment,
        do=_no_show,
        lock=_lock_cohorts,
        button=lambda n: ngettext("Free the place of %d person", "Free the places of %d people", n) % n,
        is_dangerous=True,
        **ON_ENROLMENTS,
    ),
    Act(
        key="withdraw",
        verb=_("Withdraw"),
        icon="logout",
        may=can_manage_enrolment,
        do=_withdraw,
        form=ReasonForm,
        lock=_lock_cohorts,
        button=lambda n: ngettext("Withdraw %d person", "Withdraw %d people", n) % n,
        is_dangerous=True,
        **ON_ENROLMENTS,
    ),
)

OF_APPLICATIONS = (
    Act(
        key="accept",
        verb=_("Accept"),
        icon="check",
        may=can_review,
        do=_accept,
        button=lambda n: ngettext("Accept %d application", "Accept %d applications", n) % n,
        **ON_APPLICATIONS,
    ),
    Act(
        key="reject",
        verb=_("Reject"),
        icon="x",
        may=can_review,
        do=_reject,
        form=ReasonForm,
        button=lambda n: ngettext("Reject %d application", "Reject %d applications", n) % n,
        is_dangerous=True,
        **ON_APPLICATIONS,
    ),
    Act(
        key="reopen",
        verb=_("Review again"),
        icon="refresh",
        may=can_review,
        do=_reopen,
        form=ReasonForm,
        button=lambda n: ngettext("Put %d application back into review", "Put %d applications back into review", n) % n,
        **ON_APPLICATIONS,
    ),
)
