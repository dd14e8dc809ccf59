"""The dry run of a cohort, and a batch with its live progress."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.models import Batch
from certificates.permissions import can_issue, can_view
from certificates.picture import draw_picture
from certificates.services.batch import retry_batch
from certificates.services.issue import issue_certificates, preview_issue, sample
from cohorts.models import Cohort

SQUARES = 60


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
    preview = preview_issue(cohort=cohort)
    longest = max(preview.due, key=lambda each: len(each.trainee.full_name), default=None)
    context = {
        "cohort": cohort,
        "preview": preview,
        "longest": longest,
        "picture": draw_picture(sample(enrolment=longest, at=timezone.now()), with_code=False) if longest else "",
        "may_issue": can_issue(request.user),
        "batches": Batch.objects.filter(cohort=cohort).order_by("-id")[:5],
    }
    return render(request, "certificates/dry_run.html", context)


@login_required
@require_GET
def show_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """A batch with its live progress; htmx asks for the card alone."""
    if not can_view(request.user):
        raise PermissionDenied
    batch = get_object_or_404(Batch.objects.select_related("cohort__course"), pk=pk)
    template = "certificates/progress.html" if getattr(request, "htmx", False) else "certificates/batch.html"
    return render(request, template, {"batch": batch, **progress(batch), "may_issue": can_issue(request.user)})


def progress(batch: Batch) -> dict[str, Any]:
    """Count a batch: done, drawing, waiting, failed. Two or three queries, none per certificate."""
    now = timezone.now()
    held = Q(claimed_until__gt=now, state="pending") & ~Q(claim_token="") & Q(failure="")
    counts = batch.certificates.aggregate(
        total=Count("id"),
        failed=Count("id", filter=Q(state="failed")),
        pending=Count("id", filter=Q(state="pending")),
        drawing=Count("id", filter=held),
    )
    done = counts["total"] - counts["failed"] - counts["pending"]
    failed = batch.certificates.filter(state="failed").order_by("id")[:20] if counts["failed"] else []
    squares = [*["done"] * done, *["drawing"] * counts["drawing"], *["failed"] * counts["failed"]]
    squares += ["waiting"] * (counts["total"] - len(squares))
    return {
        **counts,
        "done": done,
        "waiting": counts["pending"] - counts["drawing"],
        "failures": failed,
        "squares": squares if counts["total"] <= SQUARES else [],
        "running": counts["pending"] > 0,
    }


@login_required
@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the failed of a batch wait again."""
    if not can_issue(request.user):
        raise PermissionDenied
    batch = get_object_or_404(Batch, pk=pk)
    retry_batch(batch=batch, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("batch", pk)
