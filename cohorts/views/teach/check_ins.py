"""The instructor's screen for self check-in, and what somebody should look at afterwards."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from cohorts.check_in_codes import CHANGES, make_code
from cohorts.models import CheckIn, Session
from cohorts.permissions import can_correct
from cohorts.services.check_in import count_heads, on_time_until, review_check_ins, take_scan
from cohorts.views.teach.access import find_session, in_zone_of

PARTS = {"code": "cohorts/check_in/code.html", "state": "cohorts/check_in/state.html"}


@never_cache
@login_required
@require_GET
def show_screen(request: HttpRequest, pk: int) -> HttpResponse:
    """The screen: a code that changes every 15 seconds, who came, how many to look at. Seven queries.

    `?part=code` and `?part=state` are what the page fetches anew: the code every 15 seconds, the rest every 5.
    """
    session = find_session(request, pk)
    template = PARTS.get(request.GET.get("part", ""), "cohorts/check_in/screen.html")
    now = timezone.now()
    context = {
        "session": session,
        "now": now,
        "changes": CHANGES,
        "code": _draw(session) if template != PARTS["state"] else "",
        "review": review_check_ins(session),
        "on_time_until": on_time_until(session),
        "is_over": now >= session.ends_at,
    }
    with in_zone_of(session.cohort):
        return render(request, template, context)


def _draw(session: Session) -> SafeString:
    """Return the QR code as SVG, quiet zone of four modules included."""
    address = settings.SITE_URL + reverse("check_in_scan", args=[make_code(session.pk, timezone.now())])
    picture = segno.make(address, error="m", boost_error=False)
    drawn = picture.svg_inline(
        border=4, dark="#122b25", light="#fdfcf6", omitsize=True, svgclass="hn-qr", lineclass=None
    )
    return mark_safe(drawn)  # noqa: S308 - made of modules, no text goes in


@never_cache
@login_required
@require_GET
def show_review(request: HttpRequest, pk: int) -> HttpResponse:
    """Who is flagged and why, every arrival with its time, and the head count. Six queries."""
    session = find_session(request, pk)
    context = {"session": session, "review": review_check_ins(session)}
    with in_zone_of(session.cohort):
        return render(request, "cohorts/check_in/review.html", context)


@login_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one scan count that the register did not take."""
    scan = get_object_or_404(CheckIn.objects.select_related("trainee"), pk=pk)
    scan.session = find_session(request, scan.session_id)
    who: dict[str, Any] = {"by": request.user, "at": timezone.now()}
    try:
        take_scan(scan=scan, may_correct=can_correct(request.user), **who)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = _("%(name)s is marked: %(status)s.")
        messages.success(request, said % {"name": scan.trainee.full_name, "status": scan.get_status_display()})
    return redirect("check_in_review", scan.session_id)


@login_required
@require_POST
def save_heads(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the head count; more marks than heads lead to the review."""
    session = find_session(request, pk)
    typed = request.POST.get("heads", "").strip()
    heads = int(typed) if typed.isdecimal() and len(typed) < 5 else -1
    try:
        surplus = count_heads(session=session, heads=heads, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("check_in_review", pk)
    if surplus:
        messages.warning(request, _("%(n)d more marked than there are heads.") % {"n": surplus})
        return redirect("check_in_review", pk)
    messages.success(request, _("The head count agrees: %(n)d.") % {"n": heads})
    return redirect("session_register", pk)
