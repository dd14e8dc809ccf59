"""Designs and signatories in the office: versions, previews, who signs."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from certificates.forms import DesignForm, SignatoryForm
from certificates.models import Signatory, Template
from certificates.pdf.design import Design, shipped
from certificates.pdf.markup import FIELDS
from certificates.permissions import can_design, can_view
from certificates.services.designs import find_design, remove_signatory, save_design, save_signatory, use_design
from certificates.services.samples import CASES
from certificates.views.drawing import answer_drawn


@login_required
@require_GET
def list_designs(request: HttpRequest) -> HttpResponse:
    """Every version, newest first, and who signs. Three queries."""
    if not can_view(request.user):
        raise PermissionDenied
    context = {
        "designs": Template.objects.select_related("programme", "course").order_by("-id"),
        "signatories": Signatory.objects.select_related("programme", "course", "picture").order_by(
            "programme", "course", "position"
        ),
        "may_design": can_design(request.user),
    }
    return render(request, "certificates/designs.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def edit_design(request: HttpRequest, label: str) -> HttpResponse:
    """A version and its previews; saving makes the next one. Begin with the label of the shipped design."""
    if not can_design(request.user):
        raise PermissionDenied
    try:
        design = find_design(label)
    except Template.DoesNotExist:
        raise Http404 from None
    template = Template.objects.select_related("programme", "course").filter(label=label).first()
    form = DesignForm(request.POST or None, request.FILES or None, initial=_initial(design, template))
    if request.method == "POST" and form.is_valid():
        logo = "" if form.cleaned_data["no_logo"] else design.logo
        made = Design("", form.cleaned_data["markup"], form.cleaned_data["style"], form.cleaned_data["frame"], logo)
        try:
            saved = save_design(
                scope=form.cleaned_data["scope"],
                design=made,
                logo=_content(form, "picture"),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Kept as %s, a draft. Look at the previews, then use it.") % saved.label)
            return redirect("design", saved.label)
    context = {"form": form, "template": template, "cases": CASES, "fields": FIELDS, "shipped": shipped().label}
    return render(request, "certificates/design.html", context, status=400 if form.errors else 200)


def _initial(design: Design, template: Template | None) -> dict[str, Any]:
    scope = f"course-{template.course_id}" if template and template.course_id else ""
    scope = f"programme-{template.programme_id}" if template and template.programme_id else scope
    return {"markup": design.markup, "style": design.style, "frame": design.frame, "scope": scope}


def _content(form: Any, name: str) -> bytes | None:
    file = form.cleaned_data.get(name)
    return file.read() if file else None


@login_required
@require_POST
def use(request: HttpRequest, label: str) -> HttpResponse:
    """Take a version for the certificates to come."""
    if not can_design(request.user):
        raise PermissionDenied
    template = get_object_or_404(Template, label=label)
    use_design(template=template, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%s is in use for every certificate issued from now on.") % label)
    return redirect("designs")


@login_required
@require_GET
def preview(request: HttpRequest, label: str, case: str) -> HttpResponse:
    """A sample as PDF."""
    if not can_design(request.user):
        raise PermissionDenied
    template = get_object_or_404(Template, label=label)
    if case not in CASES:
        raise Http404
    return answer_drawn(request, [template.label, "--case", case], back=reverse("design", args=[template.label]))


@login_required
@require_http_methods(["GET", "POST"])
def edit_signatory(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Somebody who signs: name, title, place, picture of the signature."""
    if not can_design(request.user):
        raise PermissionDenied
    signatory = get_object_or_404(Signatory, pk=pk) if pk else Signatory()
    form = SignatoryForm(request.POST or None, request.FILES or None, instance=signatory)
    if request.method == "POST" and form.is_valid():
        try:
            save_signatory(
                signatory=form.instance,
                picture=_content(form, "image"),
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
            )
        except ValidationError as error:
            form.add_error("image", error.messages)
        else:
            return redirect("designs")
    context = {"form": form, "signatory": signatory}
    return render(request, "certificates/signatory.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the certificates to come."""
    if not can_design(request.user):
        raise PermissionDenied
    remove_signatory(signatory=get_object_or_404(Signatory, pk=pk), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    return redirect("designs")
