"""The staff of the programme office and their groups: invited by mail, never deleted, only taken out."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.models import AuditEntry
from audit.services import record
from cohorts.views.manage import require_office
from portal.roles import GROUPS
from trainees.models import User
from trainees.rules import clean_text, read_email, require
from trainees.services.messages import queue_message


class LastOfOffice(ValidationError):
    """Nobody takes the own right to manage staff away: somebody must be left who has it."""

    def __init__(self) -> None:
        super().__init__(_("You cannot take your own groups away; ask a colleague."), code="own_groups")


@transaction.atomic
def set_staff(*, email: str, name: str, groups: Sequence[str], by: User, at: datetime) -> User:
    """Give an account exactly these groups; one that is new is made and invited by mail. Without groups it is no staff.

    Raises LastOfOffice for the own account, and ValidationError for a wrong address. At most eight queries.
    """
    email = str(require(read_email(email)))
    if email == by.email:
        raise LastOfOffice
    user = User.objects.select_for_update().filter(email=email).first()
    created = user is None
    if user is None:
        user = User.objects.create_user(email, full_name=clean_text(name, 120))
    before = sorted(user.groups.values_list("name", flat=True))
    known = Group.objects.filter(name__in=[name for name in groups if name in GROUPS])
    user.groups.set(known)
    user.is_staff = bool(known)
    user.save(update_fields=["is_staff"])
    after = sorted(each.name for each in known)
    record(act="staff.set", by=by, at=at, subject=user, detail={"from": before, "to": after})
    if created:
        _invite(user, at)
    return user


def _invite(user: User, at: datetime) -> None:
    words = {"name": user.full_name or user.email, "site": settings.SITE_URL}
    queue_message(
        at=at,
        key=f"invited-staff:{user.email}",
        to=user.email,
        kind="invited",
        subject=_("You work in the programme office"),
        text=render_to_string("emails/invited_staff.txt", words),
        html=render_to_string("emails/invited_staff.html", words),
    )


@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest) -> HttpResponse:
    """Who works in the office, with which groups; a POST sets one person's. Seven queries."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("trainees.change_user"):
        raise PermissionDenied
    if request.method == "POST":
        try:
            user = set_staff(
                email=request.POST.get("email", ""),
                name=request.POST.get("name", ""),
                groups=request.POST.getlist("groups"),
                by=get_object_or_404(User, pk=request.user.pk),
                at=timezone.now(),
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, _("%s is saved.") % user.email)
        return redirect("setup_staff")
    people = User.objects.filter(is_staff=True).prefetch_related("groups").order_by("full_name", "email")
    context = {
        "people": [(each, {group.name for group in each.groups.all()}) for each in people],
        "groups": list(GROUPS),
        "history": AuditEntry.objects.filter(act="staff.set").select_related("by").order_by("-id")[:20],
    }
    return render(request, "portal/setup/staff.html", context)
