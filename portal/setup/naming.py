"""Instructors of a cohort, and those invited before any: each act says what follows before it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from cohorts.models import Cohort, CohortInstructor, Session
from cohorts.services.instructors import add_instructor, remove_instructor
from cohorts.services.schedule import Clash, clashes_of
from portal.setup.access import digest_of, is_confirmed, require_setup
from portal.setup.cohort_forms import InstructorForm
from trainees.models import Message, User


@dataclass(frozen=True)
class NamingPreview:
    """What follows from naming or removing somebody, in sentences, and what would clash then."""

    name: str
    says: list[str]
    clashes: list[Clash]
    changes: bool = True

    @property
    def shown(self) -> Any:
        """What the button vouches for."""
        return [self.says, len(self.clashes)]


def preview_account(*, email: str, act: Callable[[], User]) -> tuple[User, list[str]]:
    """Do an act that names an account and take it back; return the account and what it would be sent."""
    known = User.objects.filter(email=email).exists()
    last = Message.objects.order_by("-id").values_list("id", flat=True).first() or 0
    with transaction.atomic():
        user = act()
        kinds = set(Message.objects.filter(id__gt=last, to=user.email).values_list("kind", flat=True))
        transaction.set_rollback(True)
    says = [] if known else [_("%s has no account yet: one is made.") % email]
    if "invited" in kinds:
        says.append(_("An invitation to choose a password goes to %s.") % email)
    elif "named" in kinds:
        says.append(_("A mail tells them, in their own language."))
    else:
        says.append(_("No mail is sent: they were invited before, or have a password."))
    return user, says


def preview_adding(*, cohort: Cohort, email: str, name: str, at: datetime) -> NamingPreview:
    """Name the instructor, look, and take it back. Raises as `add_instructor`."""
    if CohortInstructor.objects.filter(cohort=cohort, user__email=email).exists():
        return NamingPreview(name or email, [_("They teach this cohort already.")], [], changes=False)
    found: dict[str, Any] = {}

    def act() -> User:
        user = add_instructor(cohort=cohort, email=email, name=name, by=None, at=at)
        ahead = Session.objects.held_by(user).countable().filter(cohort=cohort, starts_at__gt=at).count()
        mine = [
            each for each in clashes_of(cohort, at) if (each.kind, each.name) == ("instructor", user.get_full_name())
        ]
        found.update(ahead=ahead, clashes=mine)
        return user

    user, says = preview_account(email=email, act=act)
    text = ngettext(
        "%d session to come is theirs, beside the others'.",
        "%d sessions to come are theirs, beside the others'.",
        found["ahead"],
    )
    return NamingPreview(user.get_full_name(), [*says, text % found["ahead"]], found["clashes"])


def preview_removing(*, cohort: Cohort, user: User, at: datetime) -> NamingPreview:
    """Say what taking an instructor from a cohort does. Three queries."""
    others = cohort.instructors.exclude(pk=user.pk).count()
    own = cohort.sessions.countable().filter(instructors=user, starts_at__gt=at).count()
    text = ngettext(
        "%d session to come was given to them; the others hold it then, unless it was given to somebody else too.",
        "%d sessions to come were given to them; the others hold them then, unless given to somebody else too.",
        own,
    )
    says = [text % own] if own else []
    if not others:
        says.append(_("Nobody is left who teaches this cohort: its registers wait for the office."))
    says.append(_("They no longer see it. Marks they made stay under their name. No mail is sent."))
    return NamingPreview(user.get_full_name(), says, [])


@require_POST
def add(request: HttpRequest, code: str) -> HttpResponse:
    """Name one more instructor of a cohort: what follows first, then the act."""
    if refusal := require_setup(request):
        return refusal
    cohort, form, now = _cohort(code), InstructorForm(request.POST), timezone.now()
    try:
        if not form.is_valid():
            raise ValidationError([error for errors in form.errors.values() for error in errors])
        preview = preview_adding(cohort=cohort, **form.cleaned_data, at=now)
        if not is_confirmed(request, preview.shown):
            return _show(request, cohort, preview, _("Name an instructor"), _("Name them"))
        user = add_instructor(cohort=cohort, **form.cleaned_data, by=request.user, at=now)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("%(name)s teaches %(code)s.") % {"name": user.get_full_name(), "code": code})
    return redirect("setup_cohort", code)


@require_POST
def remove(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Take an instructor from a cohort: what follows first, then the act."""
    if refusal := require_setup(request):
        return refusal
    cohort, user, now = _cohort(code), get_object_or_404(User, pk=pk), timezone.now()
    preview = preview_removing(cohort=cohort, user=user, at=now)
    if not is_confirmed(request, preview.shown):
        return _show(request, cohort, preview, _("Remove an instructor"), _("Remove them"))
    try:
        remove_instructor(cohort=cohort, user=user, by=request.user, at=now)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("%(name)s no longer teaches %(code)s.")
        messages.success(request, said % {"name": user.get_full_name(), "code": code})
    return redirect("setup_cohort", code)


def _show(request: HttpRequest, cohort: Cohort, preview: NamingPreview, title: str, button: str) -> HttpResponse:
    typed = {name: request.POST[name] for name in InstructorForm.base_fields if name in request.POST}
    context = {"cohort": cohort, "preview": preview, "title": title, "button": button, "typed": typed}
    return render(request, "portal/setup/naming.html", {**context, "digest": digest_of(request, preview.shown)})


def _cohort(code: str) -> Cohort:
    return get_object_or_404(Cohort.objects.select_related("course__programme"), code=code)
