"""What waits for an instructor's or the office's decision: leave, disputed marks; and make-up credits."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cohorts.models import Appeal, Cohort, Enrolment, LeaveRequest, MakeUp, MarkStatus, Session
from cohorts.permissions import can_decide_absence, can_manage
from cohorts.services.appeals import decide_appeal
from cohorts.services.leave import decide_leave, withdraw_leave
from cohorts.services.make_up import credit_make_up, take_back_make_up
from trainees.widgets import LongSelect

TOGETHER = ("enrolment__trainee", "enrolment__cohort")
PAGE = 25  # each row is a form
FILES = {"pdf": "application/pdf", "jpg": "image/jpeg", "png": "image/png"}


class MakeUpForm(forms.Form):
    """Which session was missed, and what was attended instead."""

    missed = forms.ModelChoiceField(Session.objects.none(), label=gettext_lazy("Missed session"))
    attended = forms.ModelChoiceField(
        Session.objects.none(),
        required=False,
        label=gettext_lazy("Attended instead, in another cohort"),
        widget=LongSelect,
    )
    on = forms.DateField(label=gettext_lazy("On"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    note = forms.CharField(
        max_length=200, required=False, label=gettext_lazy("Or what was attended, such as an extra hour")
    )

    def __init__(self, enrolment: Enrolment, data: Any = None) -> None:
        super().__init__(data)
        fields: dict[str, Any] = self.fields
        absent = Session.objects.filter(records__enrolment=enrolment, records__status=MarkStatus.ABSENT)
        absent = absent.exclude(make_ups__enrolment=enrolment).select_related("cohort")
        fields["missed"].queryset = absent.order_by("number")
        others = Session.objects.filter(cohort__course=enrolment.cohort.course_id, state=Session.State.HELD)
        named = others.exclude(cohort=enrolment.cohort_id).select_related("cohort")
        fields["attended"].queryset = named.only("number", "date", "cohort__code")
        for name in ("missed", "attended"):
            fields[name].label_from_instance = name_session


def name_session(session: Session) -> str:
    """Return a session as a choice shows it."""
    return f"{session.cohort.code} {session.number}, {session.date:%d.%m.%Y}"


@login_required
@require_GET
def show_requests(request: HttpRequest) -> HttpResponse:
    """Leave and disputes that wait, oldest first, and leave that was approved. At most ten queries."""
    if not can_manage(request.user) and not Cohort.objects.taught_by(request.user).exists():
        raise PermissionDenied
    leaves, appeals = _in_reach(request, LeaveRequest), _in_reach(request, Appeal).select_related(*TOGETHER, "session")
    waiting = leaves.filter(status=LeaveRequest.Status.REQUESTED).order_by("requested_at", "id")
    disputed = appeals.filter(status=Appeal.Status.OPEN).order_by("made_at", "id")
    granted = leaves.filter(status=LeaveRequest.Status.APPROVED).order_by("-decided_at", "-id")
    context = {
        "base": "base_staff.html" if can_manage(request.user) else "cohorts/teach/base.html",
        "leaves": _page(request, waiting, "leave"),
        "appeals": _page(request, disputed, "disputes"),
        "granted": _page(request, granted, "approved"),
    }
    return render(request, "cohorts/teach/requests.html", context)


def _page(request: HttpRequest, found: QuerySet[Any], key: str) -> Page[Any]:
    """Return the page of a list that the address names by `key`, with the addresses of those beside it.

    The ids are found first: with people and cohorts joined to all of them, no index would be taken. Two queries.
    """
    page: Any = Paginator(found.values_list("pk", flat=True), PAGE).get_page(request.GET.get(key))
    page.object_list = found.filter(pk__in=list(page.object_list))
    for beside in ("previous", "next") if page.has_other_pages() else ():
        query = request.GET.copy()
        query[key] = str(page.number + (1 if beside == "next" else -1))
        setattr(page, beside, f"?{query.urlencode()}#{key}")
    return page


def _in_reach(request: HttpRequest, model: Any) -> QuerySet[Any]:
    """Return what the office sees, or what is of an instructor's own cohorts; not what somebody asked for oneself."""
    found = model.objects.visible_to(request.user).select_related(*TOGETHER)
    if can_manage(request.user):
        return found
    return found.filter(enrolment__cohort__in=Cohort.objects.taught_by(request.user))


def _find(request: HttpRequest, model: Any, pk: int) -> Any:
    """Return one that the person may decide; others' do not exist for them."""
    found = get_object_or_404(_in_reach(request, model), pk=pk)
    if not can_decide_absence(request.user, found.enrolment.cohort):
        raise PermissionDenied
    return found


@login_required
@require_POST
def settle_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve, refuse, or take an approval back."""
    leave = _find(request, LeaveRequest, pk)
    note = request.POST.get("note", "")

    def act(**who: Any) -> str:
        if request.POST.get("act") == "withdraw":
            return _("Withdrawn; %d marks went back.") % withdraw_leave(leave=leave, **who)
        approve = request.POST.get("act") == "approve"
        filled = decide_leave(leave=leave, approve=approve, note=note, **who)
        return _("Approved; %d sessions excused.") % filled if approve else _("Refused.")

    return _do(request, act)


@login_required
@require_GET
def show_evidence(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The file, for those who decide and for the person whose it is. Never shown inside a page of ours."""
    leave = get_object_or_404(LeaveRequest.objects.visible_to(request.user).select_related(*TOGETHER), pk=pk)
    is_own = leave.enrolment.trainee.user_id == request.user.pk
    if not is_own and not can_decide_absence(request.user, leave.enrolment.cohort):
        raise PermissionDenied
    if not leave.evidence or not leave.evidence.storage.exists(leave.evidence.name):
        raise Http404
    kind = leave.evidence.name.rpartition(".")[2]
    name = f"leave-{leave.pk}.{kind}"
    return FileResponse(leave.evidence.open(), as_attachment=True, filename=name, content_type=FILES[kind])


@login_required
@require_POST
def settle_appeal(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept or refuse a dispute, with a reason."""
    appeal = _find(request, Appeal, pk)
    accept = request.POST.get("act") == "accept"

    def act(**who: Any) -> str:
        decide_appeal(appeal=appeal, accept=accept, note=request.POST.get("note", ""), **who)
        return _("The mark is changed.") if accept else _("Refused.")

    return _do(request, act)


@login_required
@require_POST
def credit(request: HttpRequest, pk: int) -> HttpResponse:
    """Credit a missed session."""
    enrolment = _enrolment(request, pk)
    form = MakeUpForm(enrolment, request.POST)

    def act(**who: Any) -> str:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        made = credit_make_up(enrolment=enrolment, **form.cleaned_data, **who)
        return _("Session %d counts as attended.") % made.missed.number

    return _do(request, act, "trainee_ledger", enrolment.pk)


@login_required
@require_POST
def take_back_credit(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a credit back."""
    made = get_object_or_404(MakeUp.objects.select_related("missed", "enrolment"), pk=pk)
    enrolment = _enrolment(request, made.enrolment_id)

    def act(**who: Any) -> str:
        take_back_make_up(made=made, **who)
        return _("Session %d counts as missed again.") % made.missed.number

    return _do(request, act, "trainee_ledger", enrolment.pk)


def _enrolment(request: HttpRequest, pk: int) -> Enrolment:
    visible = Enrolment.objects.visible_to(request.user).select_related("cohort")
    enrolment = get_object_or_404(visible, pk=pk)
    if not can_decide_absence(request.user, enrolment.cohort):
        raise PermissionDenied
    return enrolment


def _do(request: HttpRequest, act: Callable[..., str], to: str = "teach_requests", *to_what: int) -> HttpResponse:
    try:
        messages.success(request, act(by=request.user, at=timezone.now()))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(to, *to_what)
