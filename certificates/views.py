"""Dry run, batch, list and life of certificates for the office; the public page for everybody."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_filters.views import FilterView

from certificates.codes import LENGTH, grouped, is_code, normalise
from certificates.filters import CertificateFilter
from certificates.forms import ReplaceForm, RevokeForm
from certificates.models import Batch, Certificate
from certificates.permissions import can_issue, can_revoke, can_view
from certificates.picture import draw_picture
from certificates.rules import Printed
from certificates.services.issue import issue_certificates, preview_issue, sample
from certificates.services.life import replace_certificate, retry_batch, revoke_certificate
from certificates.throttle import VerifyThrottle
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


class CertificateList(LoginRequiredMixin, UserPassesTestMixin, FilterView):
    """Every certificate, newest first. Five queries."""

    template_name = "certificates/certificates.html"
    filterset_class = CertificateFilter
    paginate_by = 50

    def test_func(self) -> bool:
        return can_view(self.request.user)

    def get_queryset(self) -> QuerySet[Certificate]:
        return Certificate.objects.select_related("enrolment__cohort", "enrolment__trainee").order_by("-id")


@login_required
@require_GET
def show_certificate(request: HttpRequest, code: str) -> HttpResponse:
    """One certificate for the office, with the acts on it."""
    if not can_view(request.user):
        raise PermissionDenied
    certificate = get_object_or_404(
        Certificate.objects.select_related("enrolment__trainee", "batch", "replaces", "revoked_by"), code=code
    )
    context = {
        "certificate": certificate,
        "may_revoke": can_revoke(request.user),
        "revoke": RevokeForm(),
        "replace": ReplaceForm(),
    }
    return render(request, "certificates/certificate.html", context)


@login_required
@require_POST
def revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Revoke, with a reason and a second confirmation."""
    return _change(request, code, RevokeForm(request.POST), revoke_certificate, ("reason", "note"))


@login_required
@require_POST
def replace(request: HttpRequest, code: str) -> HttpResponse:
    """Make a new certificate in the place of this one."""
    return _change(request, code, ReplaceForm(request.POST), replace_certificate, ("note",))


def _change(request: HttpRequest, code: str, form: Any, act: Any, names: tuple[str, ...]) -> HttpResponse:
    if not can_revoke(request.user):
        raise PermissionDenied
    certificate = get_object_or_404(Certificate, code=code)
    try:
        if not form.is_valid():
            raise ValidationError([f"{form.fields[name].label}: {errors[0]}" for name, errors in form.errors.items()])
        values = {name: form.cleaned_data[name] for name in names}
        changed = act(certificate=certificate, by=request.user, at=timezone.now(), **values)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("certificate", code)
    messages.success(request, _("Done. The public page says so now."))
    return redirect("certificate", changed.code)


@login_required
@require_GET
def download(request: HttpRequest, code: str) -> FileResponse:
    """Give the stored file to its holder or the office: always the same bytes (R53)."""
    certificate = get_object_or_404(Certificate.objects.visible_to(request.user), code=normalise(code))
    if not certificate.sha256:
        raise Http404
    try:
        file = certificate.path.open("rb")
    except FileNotFoundError:
        raise Http404 from None
    name = f"certificate-{certificate.serial}-{certificate.edition}.pdf"
    response = FileResponse(file, content_type="application/pdf", filename=name, as_attachment=True)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_GET
def verify_form(request: HttpRequest) -> HttpResponse:
    """Where a code is typed in."""
    if typed := request.GET.get("code", "").strip():
        return redirect("verify", normalise(typed)[:32] or "-")
    return render(request, "certificates/verify_form.html")


@require_GET
def verify(request: HttpRequest, code: str) -> HttpResponse:
    """Say whether a certificate is valid, to anybody. At most two queries; a revoked one answers 200 (R54, R58)."""
    throttle = VerifyThrottle()
    if not throttle.allow_request(request, None):  # type: ignore[arg-type]
        return render(request, "429.html", status=429)
    normalised = normalise(code)
    certificate = look_up(normalised)
    printed = certificate.printed if certificate else {}
    context = {
        "certificate": certificate,
        "printed": printed,
        **{name: date.fromisoformat(printed[name]) for name in ("starts_on", "ends_on", "issued_on") if printed},
        "verdict": verdict_of(certificate, normalised),
        "picture": draw_picture(Printed(**printed)) if certificate else "",
        "typed": grouped(normalised[:32]),
        "now": timezone.now(),
    }
    response = render(request, "certificates/verify.html", context, status=200 if certificate else 404)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "no-store"
    return response


def look_up(code: str) -> Certificate | None:
    """Return the certificate of a normalised code that is or was issued. One query, none for a malformed code."""
    if not is_code(code):
        return None
    public = Certificate.objects.exclude(state__in=[Certificate.State.PENDING, Certificate.State.FAILED])
    return public.select_related("replaced_by").filter(code=code).first()


def verdict_of(certificate: Certificate | None, code: str) -> str:
    """Return valid, revoked, replaced, mistyped or unknown."""
    if certificate is not None:
        return "valid" if certificate.state == Certificate.State.ISSUED else certificate.state
    return "unknown" if len(code) == LENGTH and is_code(code) else "mistyped"
