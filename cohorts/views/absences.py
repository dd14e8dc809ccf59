"""A trainee's own absences: leave to ask for, marks to dispute, what was decided."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cohorts.models import Appeal, AttendanceRecord, Enrolment, LeaveRequest, MarkStatus
from cohorts.services.appeals import make_appeal, may_still_appeal
from cohorts.services.leave import request_leave, withdraw_leave
from trainees.chosen import choose_trainee, own_trainees


class LeaveForm(forms.Form):
    """Days and the reason; evidence may follow by another request."""

    starts_on = forms.DateField(
        label=gettext_lazy("First day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    ends_on = forms.DateField(
        label=gettext_lazy("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    reason = forms.CharField(label=gettext_lazy("Why you cannot come"), max_length=300)
    evidence = forms.FileField(
        label=gettext_lazy("Evidence"),
        required=False,
        # A phone then hands over a photo as JPEG, whatever it keeps.
        widget=forms.ClearableFileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
        help_text=gettext_lazy("A PDF or a photo, at most 5 MB. Only your instructor and the programme office see it."),
    )


class AppealForm(forms.Form):
    """What the mark should be, and why."""

    wanted = forms.ChoiceField(choices=MarkStatus.choices)
    text = forms.CharField(max_length=500)


@login_required
@require_GET
def show_absences(request: HttpRequest) -> HttpResponse:
    """Requests, disputes, and the marks that can still be disputed. Six queries."""
    return _show(request, LeaveForm())


@login_required
@require_POST
def ask_leave(request: HttpRequest) -> HttpResponse:
    """Ask for leave for the cohort one is enrolled in."""
    form, enrolment = LeaveForm(request.POST, request.FILES), _own_enrolment(request)
    if not form.is_valid() or enrolment is None:
        return _show(request, form, status=422)
    try:
        request_leave(enrolment=enrolment, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        form.add_error(None, error)
        return _show(request, form, status=422)
    messages.success(request, _("Your request is with your instructor. The answer stands here."))
    return redirect("me_absences")


@login_required
@require_POST
def take_back_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw one's request; marks that it made go back."""
    leave = get_object_or_404(LeaveRequest, pk=pk, enrolment__trainee__in=own_trainees(request.user))
    return _do(request, lambda **who: withdraw_leave(leave=leave, **who), _("The request is withdrawn."))


@login_required
@require_POST
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Dispute the mark of one record."""
    mine = AttendanceRecord.objects.filter(enrolment__trainee__in=own_trainees(request.user))
    mark = get_object_or_404(mine.select_related("enrolment__cohort", "session"), pk=pk)
    form = AppealForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say what the mark should be, and why."))
        return redirect("me_absences")
    act = make_appeal
    return _do(
        request,
        lambda **who: act(enrolment=mark.enrolment, session=mark.session, **form.cleaned_data, **who),
        _("Your word is with your instructor. The answer stands here."),
    )


def _do(request: HttpRequest, act: Callable[..., Any], said: str) -> HttpResponse:
    try:
        act(by=request.user, at=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, said)
    return redirect("me_absences")


def _own_enrolment(request: HttpRequest) -> Enrolment | None:
    """Return the enrolment that is going on of the person this page is about. Two queries."""
    trainee = choose_trainee(request)
    if trainee is None:
        return None
    going_on = trainee.enrolments.filter(status=Enrolment.Status.ENROLLED)
    return going_on.select_related("cohort__course", "trainee").order_by("-id").first()


def _show(request: HttpRequest, form: LeaveForm, status: int = 200) -> HttpResponse:
    enrolment, now = _own_enrolment(request), timezone.now()
    context: dict[str, Any] = {"form": form, "enrolment": enrolment, "tab": "today", "statuses": MarkStatus.choices}
    if enrolment is not None:
        recent = AttendanceRecord.objects.filter(enrolment=enrolment).exclude(status=MarkStatus.PRESENT)
        recent = recent.filter(marked_at__gt=now - timedelta(days=60)).select_related("session")
        disputed = set(Appeal.objects.filter(enrolment=enrolment, status="open").values_list("session_id", flat=True))
        context |= {
            "leaves": enrolment.leave_requests.order_by("-id"),
            "appeals": enrolment.appeals.select_related("session").order_by("-id"),
            "marks": [
                each
                for each in recent.order_by("-session__starts_at")
                if may_still_appeal(each.marked_at, now) and each.session_id not in disputed
            ],
            "live": LeaveRequest.LIVE,
        }
    return render(request, "cohorts/me/absences.html", context, status=status)
