"""The staff of the programme office and their groups: invited by mail, never deleted, only retired."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from audit.history import read_lines
from audit.models import AuditEntry
from audit.services import record
from portal.roles import GROUPS
from portal.setup.access import digest_of, is_confirmed, require_setup
from trainees.models import User
from trainees.rules import clean_text, read_email, require
from trainees.services.messages import queue_message

PAGE = 50


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
    record(
        act="staff.set", by=by, at=at, subject=user, detail={"name": user.get_full_name(), "from": before, "to": after}
    )
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
    """Who works in the office, with which groups; a POST shows what a change does, a second one does it."""
    if refusal := require_setup(request, "trainees.change_user"):
        return refusal
    context: dict[str, Any] = {}
    if request.method == "POST":
        by = get_object_or_404(User, pk=request.user.pk)
        wanted = {name: request.POST.get(name, "") for name in ("email", "name")}
        groups = [each for each in request.POST.getlist("groups") if each in GROUPS]
        try:
            preview = preview_staff(**wanted, groups=groups, by=by)
            if is_confirmed(request, preview):
                user = set_staff(**wanted, groups=groups, by=by, at=timezone.now())
                messages.success(request, _("%s is saved.") % user.email)
                return redirect("setup_staff")
            context |= {"preview": preview, "typed": {**wanted, "groups": request.POST.getlist("groups")}}
            context["digest"] = digest_of(request, preview)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return redirect("setup_staff")
    people = User.objects.filter(is_staff=True).prefetch_related("groups").order_by("full_name", "email")
    page = Paginator(people, PAGE).get_page(request.GET.get("page"))
    context |= {
        "page_obj": page,
        "people": [(each, {group.name for group in each.groups.all()}) for each in page],
        "retired": _retired(),
        "groups": list(GROUPS),
        "history": read_lines(AuditEntry.objects.filter(act="staff.set")),
    }
    return render(request, "portal/setup/staff.html", context)


def preview_staff(*, email: str, name: str, groups: Sequence[str], by: User) -> dict[str, Any]:
    """Return what `set_staff` would do: groups and rights before and after. Raises as it. Four queries."""
    address = str(require(read_email(email)))
    if address == by.email:
        raise LastOfOffice
    user = User.objects.filter(email=address).prefetch_related("groups").first()
    before = sorted(each.name for each in user.groups.all()) if user else []
    had, gets = _rights(before), _rights(groups)
    return {
        "email": address,
        "name": user.get_full_name() if user else clean_text(name, 120) or address,
        "is_new": user is None,
        "before": before,
        "after": sorted(groups),
        "comes": sorted(gets - had),
        "goes": sorted(had - gets),
    }


def _rights(groups: Sequence[str]) -> set[str]:
    found = Permission.objects.filter(group__name__in=list(groups)).exclude(codename__startswith="view_")
    return set(found.values_list("name", flat=True))


def _retired() -> list[dict[str, Any]]:
    """Return who was staff once, with the groups that bringing them back gives again. Two queries."""
    last: dict[str, list[str]] = {}
    lines = AuditEntry.objects.filter(act="staff.set").order_by("id").values_list("subject_id", "detail")
    for subject, detail in lines:
        last[subject] = detail["from"] if not detail["to"] else []
    gone = User.objects.filter(pk__in=[int(pk) for pk, groups in last.items() if groups], is_staff=False)
    return [{"person": each, "groups": last[str(each.pk)]} for each in gone.order_by("full_name", "email")]
