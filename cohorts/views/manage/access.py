"""Who may open the office's pages, and how its small acts answer."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from cohorts.permissions import can_manage


class OfficeMixin(LoginRequiredMixin, UserPassesTestMixin):
    """Anonymous people sign in; others get 403."""

    request: HttpRequest

    def test_func(self) -> bool:
        return can_manage(self.request.user)

    def handle_no_permission(self) -> Any:
        if self.request.user.is_authenticated:
            raise PermissionDenied
        return super().handle_no_permission()


def require_office(request: HttpRequest) -> HttpResponse | None:
    """Return where to sign in, None for the office; others get 403."""
    if not request.user.is_authenticated:
        return redirect_to_login(_way_back(request))
    if not can_manage(request.user):
        raise PermissionDenied
    return None


def _way_back(request: HttpRequest) -> str:
    """Return where to go on after signing in: here, or after a form the page that it stood on."""
    if request.method == "GET":
        return request.get_full_path()
    came_from = urlsplit(request.headers.get("Referer", ""))
    if came_from.netloc != request.get_host():
        return reverse("manage")
    return urlunsplit(came_from._replace(scheme="", netloc=""))


def act_and_return(request: HttpRequest, form: Any, act: Any, after: HttpResponse) -> HttpResponse:
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Done."))
    return after
