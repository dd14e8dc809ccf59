"""The office's page of one trainee, and what is done to an enrolment."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts import rules
from cohorts.forms import TransferForm, WithdrawForm
from cohorts.models import AttendanceChange, Cohort, Enrolment
from cohorts.permissions import can_grant_exception, can_manage_enrolment
from cohorts.services.completion import explain_enrolment
from cohorts.services.enrolment import mark_no_show, preview_carried, transfer, withdraw
from cohorts.views.manage.access import act_and_return, require_office
from trainees.models import FormerNumber, Trainee
from trainees.permissions import can_see_cnic
from trainees.rules import mask_cnic
from trainees.services.names import correct_name


@require_GET
def show_trainee(request: HttpRequest, number: str) -> HttpResponse:
    """One person: enrolments, what their outcomes rest on, the ledger of marks. Six queries, eight per outcome."""
    if refusal := require_office(request):
        return refusal
    trainee = Trainee.objects.visible_to(request.user).filter(number=number).first()
    if trainee is None:
        return _lead_on(request, number)
    changes = AttendanceChange.objects.filter(enrolment__trainee=trainee).select_related("session__cohort", "by")
    enrolments = list(trainee.enrolments.select_related("cohort__course", "cohort__policy").order_by("-id"))
    context = {
        "trainee": trainee,
        "cnic": mask_cnic(trainee.cnic),
        "may_see_cnic": can_see_cnic(request.user),
        "enrolments": enrolments,
        "outcomes": [_outcome(each) for each in enrolments if each.status in Enrolment.ON_REGISTER],
        "may_except": can_grant_exception(request.user),
        "changes": changes.order_by("-id")[:200],
        "may_manage": can_manage_enrolment(request.user),
    }
    return render(request, "cohorts/manage/trainee.html", context)


def _outcome(enrolment: Enrolment) -> dict[str, Any]:
    exceptions = list(enrolment.exceptions.select_related("by", "lifted_by").order_by("-id"))
    stored = [{**each, "text": rules.describe(each)} for each in enrolment.reasons]
    return {
        "enrolment": enrolment,
        "conditions": stored or explain_enrolment(enrolment),
        "exceptions": exceptions,
        "stands": any(each.lifted_at is None for each in exceptions),
        "history": enrolment.outcome_changes.select_related("by").order_by("-id"),
    }


def _lead_on(request: HttpRequest, number: str) -> HttpResponse:
    """Redirect from the number of a record that was merged into another (R44)."""
    successor = FormerNumber.objects.find_successor(number, request.user)
    if successor is None:
        raise Http404
    return redirect("manage_trainee", successor.number, permanent=True)


@require_POST
def correct_trainee_name(request: HttpRequest, number: str) -> HttpResponse:
    """Put a name right that cannot be printed."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("trainees.change_trainee"):
        raise PermissionDenied
    trainee = get_object_or_404(Trainee, number=number)
    by: Any = request.user
    sent = {field: request.POST[field] for field in ("full_name", "full_name_ur") if field in request.POST}
    try:
        correct_name(trainee=trainee, **(sent or {"full_name": ""}), by=by, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The name is %s now.") % trainee.full_name)
    after = request.POST.get("cohort", "")
    return redirect("certificates_issue", after) if after else redirect("manage_trainee", number)


@require_POST
def withdraw_enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a trainee out of a cohort, with a reason."""
    enrolment, form = _enrolment(request, pk), WithdrawForm(request.POST)
    return act_and_return(
        request,
        form,
        lambda: withdraw(enrolment=enrolment, by=request.user, at=timezone.now(), reason=form.cleaned_data["reason"]),  # type: ignore[arg-type]
        redirect("manage_trainee", enrolment.trainee.number),
    )


@require_http_methods(["GET", "POST"])
def transfer_enrolment(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what moving to another cohort would carry over; a POST moves."""
    enrolment = _enrolment(request, pk)
    if request.method == "GET":
        return _preview_transfer(request, enrolment)
    form = TransferForm(request.POST)
    by: Any = request.user

    def act() -> None:
        cohort, carry = _wanted(form.cleaned_data["cohort"]), form.cleaned_data["carry"]
        transfer(enrolment=enrolment, cohort=cohort, by=by, at=timezone.now(), carry=carry)

    return act_and_return(request, form, act, redirect("manage_trainee", enrolment.trainee.number))


def _preview_transfer(request: HttpRequest, enrolment: Enrolment) -> HttpResponse:
    choices = Cohort.objects.offered().exclude(pk=enrolment.cohort_id).exclude(state=Cohort.State.CLOSED).with_places()
    choices = choices.select_related("course").order_by("starts_on", "id")
    context: dict[str, Any] = {"enrolment": enrolment, "choices": [each for each in choices if each.places_left]}
    if code := request.GET.get("cohort", ""):
        context["cohort"] = cohort = get_object_or_404(Cohort.objects.with_places(), code=code)
        context["carried"] = preview_carried(enrolment=enrolment, cohort=cohort)
    return render(request, "cohorts/manage/transfer.html", context)


def _wanted(code: str) -> Cohort:
    cohort = Cohort.objects.filter(code=code.strip()).first()
    if cohort is None:
        raise ValidationError(_("There is no such cohort."), code="no_cohort")
    return cohort


@require_POST
def no_show(request: HttpRequest, pk: int) -> HttpResponse:
    """Free the place of somebody who never came."""
    enrolment, by = _enrolment(request, pk), request.user
    return act_and_return(
        request,
        WithdrawForm(request.POST),
        lambda: mark_no_show(enrolment=enrolment, by=by, at=timezone.now()),  # type: ignore[arg-type]
        redirect("manage_trainee", enrolment.trainee.number),
    )


def _enrolment(request: HttpRequest, pk: int) -> Enrolment:
    if not can_manage_enrolment(request.user):
        raise PermissionDenied
    return get_object_or_404(Enrolment.objects.select_related("trainee", "cohort"), pk=pk)
