"""The dry run of a cohort, and a batch with its live progress."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.models import Batch, Key
from certificates.pdf.design import SHIPPED
from certificates.permissions import can_issue, can_view
from certificates.picture import draw_picture
from certificates.progress import follow
from certificates.services.batch import pause_batch, resume_batch, retry_batch
from certificates.services.designs import design_in_use
from certificates.services.issue import issue_certificates, sample
from certificates.services.keys import current_keys
from certificates.services.preview import IssuePreview, preview_issue
from certificates.views.drawing import answer_drawn
from cohorts.models import Cohort, Enrolment

ROWS = 300  # of a batch on one page


@login_required
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest, code: str) -> HttpResponse:
    """The dry run of a cohort; a POST makes the batch."""
    if not can_view(request.user):
        raise PermissionDenied
    cohort = get_object_or_404(Cohort.objects.select_related("course", "policy"), code=code)
    if request.method == "POST":
        if not can_issue(request.user):
            raise PermissionDenied
        try:
            batch = issue_certificates(cohort=cohort, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("certificates_issue", code)
        return redirect("batch", batch.pk)
    context = _dry_run(cohort, request.GET.get("see", "")) | {"may_issue": can_issue(request.user)}
    return render(request, "certificates/dry_run.html", context)


def _dry_run(cohort: Cohort, asked: str) -> dict[str, Any]:
    """Return what the dry run of a cohort shows. Ten queries at most."""
    found = preview_issue(cohort=cohort)
    design = design_in_use(cohort.course)
    seen = _seen(found.by_length, asked)
    facts = sample(enrolment=seen.enrolment, at=timezone.now()) if seen and design == SHIPPED else None
    return {
        "cohort": cohort,
        "preview": found,
        "bar": _bar(found),
        "seen": seen,
        "design": design,
        "picture": draw_picture(facts, with_code=False) if facts else "",
        "keys_ready": {Key.Kind.DOCUMENT, Key.Kind.CREDENTIAL} <= set(current_keys()),
        "batches": Batch.objects.filter(cohort=cohort).order_by("-id")[:5],
    }


@login_required
@require_GET
def preview(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """The certificate of one who is due, as PDF in the design that it will take; nothing is written."""
    if not can_view(request.user):
        raise PermissionDenied
    enrolment = get_object_or_404(Enrolment, pk=pk, cohort__code=code)
    return answer_drawn(request, ["--enrolment", str(enrolment.pk)], back=reverse("certificates_issue", args=[code]))


@dataclass(frozen=True)
class Seen:
    """Whose certificate the dry run shows: the number by length of name, and the numbers beside it."""

    enrolment: Enrolment
    number: int
    total: int

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1 if self.number < self.total else 0


def _seen(due: list[Enrolment], asked: str) -> Seen | None:
    if not due:
        return None
    number = int(asked) if asked.isdecimal() and len(asked) < 6 and 1 <= int(asked) <= len(due) else 1
    return Seen(due[number - 1], number, len(due))


def _bar(found: IssuePreview) -> list[dict[str, Any]]:
    """Return the parts of all enrolments as stretches of a bar of 1000 units."""
    counts = {
        "good": len(found.due),
        "warn": len(found.unprintable),
        "bad": len(found.without),
        "held": len(found.holders),
    }
    parts: list[dict[str, Any]] = []
    start = 0
    for kind, count in counts.items():
        if count:
            width = count * 1000 // found.total
            parts.append({"kind": kind, "start": start, "width": max(width - 3, 3)})
            start += width
    return parts


@login_required
@require_GET
def show_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch with its live progress; htmx asks for the card alone."""
    if not can_view(request.user):
        raise PermissionDenied
    batch = get_object_or_404(Batch.objects.select_related("cohort__course", "by"), pk=pk)
    context = {"batch": batch, **follow(batch, timezone.now()), "may_issue": can_issue(request.user)}
    if getattr(request, "htmx", False):
        answer = render(request, "certificates/progress.html", context)
        if not context["running"]:
            answer["HX-Refresh"] = "true"  # the list and the acts around the card have changed with its end
        return answer
    shown = request.GET.get("show", "")
    certificates = [row for row in context["certificates"] if shown in ("", row.part)]
    return render(request, "certificates/batch.html", context | {"rows": certificates[:ROWS], "shown": shown})


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the failed of a batch wait again."""
    return _act(request, pk, retry_batch)


@login_required
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold what waits."""
    return _act(request, pk, pause_batch)


@login_required
@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Go on with what waits."""
    return _act(request, pk, resume_batch)


def _act(request: HttpRequest, pk: int, act: Callable[..., Any]) -> HttpResponse:
    if not can_issue(request.user):
        raise PermissionDenied
    act(batch=get_object_or_404(Batch, pk=pk), by=request.user, at=timezone.now())
    return redirect("batch", pk)
