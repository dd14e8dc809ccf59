"""A person's own profile: names as they will be printed, contact, address, language."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from portal.people.address import confirm_new_address
from portal.people.names import has_started, outdated_certificates, preview_names
from trainees.chosen import choose_among, choose_trainee
from trainees.forms import AddressForm, ContactForm, LanguageForm, NameForm
from trainees.models import NameChange, Trainee
from trainees.services.contact import LinkDead, change_contact, choose_language, read_token, request_address
from trainees.services.names import change_name


@login_required
@require_GET
def show_profile(request: HttpRequest) -> HttpResponse:
    """Everything a person can change about themselves. At most ten queries."""
    trainee = choose_trainee(request)
    return _render(request, trainee) if trainee else render(request, "trainees/nobody.html")


@login_required
@require_POST
def save_name(request: HttpRequest) -> HttpResponse:
    """Show the names on a certificate, or change them."""
    trainee, form, now = _own(request), NameForm(request.POST), timezone.now()
    if not form.is_valid():
        return _render(request, trainee, name_form=form)
    if request.POST.get("preview"):
        return _render(request, trainee, name_form=form, preview=preview_names(trainee, form.names, now), status=200)
    try:
        change = change_name(
            trainee=trainee,
            names=form.names,
            reason=form.cleaned_data["reason"],
            has_started=has_started(trainee, now),
            by=request.user,  # type: ignore[arg-type]
            at=now,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _render(request, trainee, name_form=form)
    messages.success(request, _say(change))
    return redirect("me_profile")


def _say(change: NameChange | None) -> str:
    if change is None:
        return _("Nothing was changed.")
    if change.status == NameChange.Status.WAITING:
        return _("The programme office was asked. You get a mail with its answer.")
    return _("Your name was changed.")


@login_required
@require_POST
def save_contact(request: HttpRequest) -> HttpResponse:
    """Change phone and district."""
    trainee, form = _own(request), ContactForm(request.POST)
    if not form.is_valid():
        return _render(request, trainee, contact_form=form)
    by: Any = request.user
    change_contact(trainee=trainee, contact=form.cleaned_data, by=by, at=timezone.now())
    messages.success(request, _("Saved."))
    return redirect("me_profile")


@login_required
@require_POST
def save_address(request: HttpRequest) -> HttpResponse:
    """Ask for another address; nothing changes until the link sent there is opened."""
    trainee, form = _own(request), AddressForm(request.POST)
    if form.is_valid():
        by: Any = request.user
        try:
            request_address(trainee=trainee, email=form.cleaned_data["email"], by=by, at=timezone.now())
        except ValidationError as error:
            form.add_error(None, error)
    if form.errors:
        return _render(request, trainee, address_form=form)
    messages.success(request, _("We wrote to the new address. Open the link in the mail within 48 hours."))
    return redirect("me_profile")


@login_required
@require_POST
def save_language(request: HttpRequest) -> HttpResponse:
    """Choose the language that pages and mails follow."""
    form = LanguageForm(request.POST)
    if not form.is_valid():
        return _render(request, _own(request), language_form=form)
    user = choose_language(user=request.user, language=form.cleaned_data["language"], at=timezone.now())  # type: ignore[arg-type]
    answer = redirect("me_profile")
    answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, user.language, max_age=365 * 86_400, samesite="Lax")
    return answer


@require_http_methods(["GET", "POST"])
@never_cache
def confirm_address(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind the link: one button, so that a program that opens links confirms nothing."""
    try:
        if request.method == "POST":
            trainee = confirm_new_address(token=token, at=timezone.now())
            return render(request, "portal/people/address_confirmed.html", {"trainee": trainee})
        return render(request, "portal/people/confirm_address.html", {"trainee": read_token(token)})
    except LinkDead as error:
        return render(request, "portal/people/link_dead.html", {"why": error.messages[0]}, status=404)


def _own(request: HttpRequest) -> Trainee:
    trainee = choose_trainee(request)
    if trainee is None:
        raise Http404
    return trainee


def _render(request: HttpRequest, trainee: Trainee, *, status: int = 422, **forms: Any) -> HttpResponse:
    now, user = timezone.now(), request.user
    names = {"full_name": trainee.full_name, "full_name_ur": trainee.full_name_ur}
    shown: dict[str, Form | Any] = {
        "name_form": NameForm(initial=names),
        "contact_form": ContactForm(initial={"mobile": trainee.mobile, "district": trainee.district}),
        "address_form": AddressForm(),
        "language_form": LanguageForm(initial={"language": user.language}),  # type: ignore[union-attr]
        **forms,
    }
    if "preview" not in forms and "name_form" not in forms:
        shown["preview"] = preview_names(trainee, (trainee.full_name, trainee.full_name_ur), now)
    context = {
        **shown,
        "trainee": trainee,
        "persons": choose_among(request)[1],
        "has_started": has_started(trainee, now),
        "changes": trainee.namechanges.order_by("-id")[:3],
        "outdated": outdated_certificates(trainee).exists(),
        "tab": "profile",
    }
    return render(request, "portal/people/profile.html", context, status=status if forms else 200)
