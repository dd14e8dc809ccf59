"""The instructors: invited by mail, with what they teach; never deleted, only retired."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import BigIntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from audit.history import history_of
from audit.models import AuditEntry
from audit.services import record
from cohorts.models import Cohort, CohortInstructor, Session
from cohorts.services.instructors import invite_instructor, name_instructor
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.cohort_forms import OFFERED, InstructorForm
from portal.setup.naming import preview_account
from trainees.models import User

MOST = 200  # chosen for one cohort


def all_instructors() -> QuerySet[User]:
    """Who teaches, taught, or was invited to: there is no column for it, the relations say it. One query for their ids.

    By their ids, which are few: of a subquery PostgreSQL expects many, and goes through the accounts of all trainees.
    """
    invited = AuditEntry.objects.filter(act="instructor.invite")
    ids = invited.annotate(user_id=Cast("subject_id", BigIntegerField())).values_list("user_id")
    known = CohortInstructor.objects.values_list("user_id").union(ids)
    return User.objects.filter(pk__in=[pk for (pk,) in known])


def is_called(words: str) -> Q:
    """Match who is called by these words, or has them in the address."""
    return Q(full_name__icontains=words) | Q(email__icontains=words)


def offered_instructors(*, chosen: Sequence[str], words: str) -> list[User]:
    """Return who can be chosen for a cohort, by name: who is chosen already (by address), and of all others those who
    are called by some words, or the newest. Two queries."""
    free = all_instructors().filter(retired_at__isnull=True)
    kept = list(free.filter(email__in=chosen[:MOST]))
    others = free.filter(is_called(words) if words else Q()).exclude(pk__in=[each.pk for each in kept])
    found = [*kept, *others.order_by("-pk")[:OFFERED]]
    return sorted(found, key=lambda each: (each.get_full_name().casefold(), each.email))


@transaction.atomic
def invite(*, email: str, name: str, by: User | None, at: datetime) -> User:
    """Enter an instructor before any cohort names them, and invite them by mail. Raises as `name_instructor`."""
    user = name_instructor(email=email, name=name)
    record(act="instructor.invite", by=by, at=at, subject=user)
    invite_instructor(user=user, cohort=None, at=at)
    return user


@require_http_methods(["GET", "POST"])
def invite_one(request: HttpRequest) -> HttpResponse:
    """Enter an instructor before any cohort names them; a POST says what that does, a second one does it."""
    if refusal := require_setup(request):
        return refusal
    form, preview = InstructorForm(request.POST if request.method == "POST" else None), None
    if request.method == "POST" and form.is_valid():
        ask = partial(invite, **form.cleaned_data, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        try:
            user, says = preview_account(email=form.cleaned_data["email"], act=ask)
            if is_confirmed(request, says):
                messages.success(request, _("%s is entered.") % ask().get_full_name())
                return redirect("setup_instructors")
            preview = {"name": user.get_full_name(), "says": says, "digest": digest_of(request, says)}
        except ValidationError as error:
            form.add_error(None, error)
    context = {"form": form, "preview": preview}
    return render(request, "portal/setup/invite.html", context, status=422 if form.errors else 200)


@require_GET
def instructor(request: HttpRequest, pk: int) -> HttpResponse:
    """One instructor: cohorts, sessions to come, history. Seven queries."""
    if refusal := require_setup(request):
        return refusal
    user: Any = get_object_or_404(all_instructors(), pk=pk)
    ahead = Session.objects.held_by(user).countable().filter(starts_at__gt=timezone.now())
    context = {
        "person": user,
        "cohorts": Cohort.objects.taught_by(user).select_related("course").order_by("-starts_on", "code"),
        "ahead": ahead.select_related("cohort").order_by("starts_at", "id")[:20],
        "history": history_of(user),
    }
    return render(request, "portal/setup/instructor.html", context)
