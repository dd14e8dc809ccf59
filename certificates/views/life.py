"""Revoking, with a second page that says what follows; replacing, with the old and the new name side by side."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from certificates.forms import ReplaceForm, RevokeForm
from certificates.models import Certificate
from certificates.permissions import can_revoke
from certificates.services.life import compare_names, replace_certificate, revoke_certificate


@login_required
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, code: str) -> HttpResponse:
    """Ask for the reason, then say what follows and ask again; only the second yes revokes."""
    certificate = _for_change(request, code)
    form = RevokeForm(request.POST if request.method == "POST" else None)
    context = {"certificate": certificate, "form": form}
    if request.method != "POST" or not form.is_valid():
        return render(request, "certificates/revoke.html", context)
    values = form.cleaned_data
    if "confirm" not in request.POST:
        context["reason"] = Certificate.Reason(values["reason"]).label
        return render(request, "certificates/revoke_confirm.html", context)
    return _carry_out(request, certificate, form, "certificates/revoke.html", revoke_certificate)


@login_required
@require_http_methods(["GET", "POST"])
def replace(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is printed beside what would be printed now; a POST makes the new certificate."""
    certificate = _for_change(request, code)
    form = ReplaceForm(request.POST if request.method == "POST" else None, certificate=certificate)
    if request.method != "POST" or not form.is_valid():
        return _show_replacement(request, certificate, form)
    return _carry_out(request, certificate, form, "certificates/replace.html", replace_certificate)


def _for_change(request: HttpRequest, code: str) -> Certificate:
    if not can_revoke(request.user):
        raise PermissionDenied
    certificates = Certificate.objects.select_related("enrolment__trainee", "replaces")
    return get_object_or_404(certificates, code=code)


def _carry_out(request: HttpRequest, certificate: Certificate, form: Any, template: str, act: Any) -> HttpResponse:
    try:
        changed = act(certificate=certificate, by=request.user, at=timezone.now(), **form.cleaned_data)
    except ValidationError as error:
        form.add_error(None, error)
        context = {"certificate": certificate, "form": form, "names": compare_names(certificate)}
        return render(request, template, context)
    messages.success(request, _("Done. The public page says so now."))
    return redirect("certificate", changed.code)


def _show_replacement(request: HttpRequest, certificate: Certificate, form: ReplaceForm) -> HttpResponse:
    context = {"certificate": certificate, "form": form, "names": compare_names(certificate)}
    return render(request, "certificates/replace.html", context)
