"""A trainee's scan of the code on the screen: checked at the first page, done when signed in (R25)."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods
from rest_framework.throttling import BaseThrottle

from cohorts.check_in_codes import AlteredCode, ExpiredCode, read_code
from cohorts.models import Session
from cohorts.services.check_in import check_in
from cohorts.views.teach.access import in_zone_of
from trainees.chosen import own_trainees
from trainees.models import Trainee

SCANNED = "check_in"
COOKIE = "hunar_device"
PATIENCE = timedelta(minutes=10)  # to sign in after a scan


@never_cache
@require_GET
def scan(request: HttpRequest, code: str) -> HttpResponse:
    """Check the code now, whoever scans; then go on to the page that needs a sign-in. One query."""
    now = timezone.now()
    try:
        session_id = read_code(code, now)
    except (AlteredCode, ExpiredCode) as error:
        status = 404 if isinstance(error, AlteredCode) else 410
        return render(request, "cohorts/check_in/refused.html", {"why": error.messages[0]}, status=status)
    request.session[SCANNED] = {"session": session_id, "at": now.isoformat()}
    response = redirect("check_in")
    if COOKIE not in request.COOKIES:
        response.set_cookie(
            COOKIE,
            secrets.token_urlsafe(16),
            max_age=timedelta(days=365),
            httponly=True,
            secure=settings.HTTPS,
            samesite="Lax",
        )
    return response


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def arrive(request: HttpRequest) -> HttpResponse:
    """Say "I am here" for the session just scanned. The time is that of the scan, not of the sign-in."""
    session, at = _scanned(request)
    people = list(own_trainees(request.user))
    if session is None or at is None:
        why = _("Scan the code on the instructor's screen.")
        return render(request, "cohorts/check_in/refused.html", {"why": why}, status=410)
    if not people:
        why = _("This account belongs to no trainee. Sign in with your own.")
        return render(request, "cohorts/check_in/refused.html", {"why": why}, status=403)
    on_list = set(session.cohort.enrolments.on_register().values_list("trainee_id", flat=True))
    people = [each for each in people if each.pk in on_list] or people[:1]
    chosen = next((each for each in people if each.number == request.POST.get("person")), None)
    if request.method == "GET" or chosen is None:
        with in_zone_of(session.cohort):
            return render(request, "cohorts/check_in/arrive.html", {"session": session, "people": people, "at": at})
    return _arrive(request, session, chosen, at)


def _scanned(request: HttpRequest) -> tuple[Session | None, datetime | None]:
    kept = request.session.get(SCANNED)
    if not kept or (at := datetime.fromisoformat(kept["at"])) < timezone.now() - PATIENCE:
        return None, None
    found = Session.objects.select_related("cohort__course", "cohort__policy").filter(pk=kept["session"])
    return found.first(), at


def _arrive(request: HttpRequest, session: Session, trainee: Trainee, at: datetime) -> HttpResponse:
    device = request.COOKIES.get(COOKIE, "")[:64] or f"no cookie {trainee.pk}"
    address = BaseThrottle().get_ident(request)  # type: ignore[arg-type]  # behind a proxy: whose word is taken
    try:
        done = check_in(
            session=session,
            trainee=trainee,
            device=device,
            address=address,
            by=request.user,  # type: ignore[arg-type]
            at=at,
        )
    except ValidationError as error:
        context = {"why": error.messages[0], "session": session}
        return render(request, "cohorts/check_in/refused.html", context, status=409)
    with in_zone_of(session.cohort):
        return render(request, "cohorts/check_in/done.html", {"session": session, "done": done})
