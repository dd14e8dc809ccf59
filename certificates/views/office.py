"""The list of certificates, and one certificate with the acts on it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_filters.views import FilterView

from certificates.filters import CertificateFilter
from certificates.forms import ReplaceForm, RevokeForm
from certificates.models import Certificate
from certificates.permissions import can_revoke, can_view
from certificates.services.life import replace_certificate, revoke_certificate


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
