"""Own data: everything held to read and take along, and the request to remove it."""

import json
from typing import Any

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from portal.people.export import collect_data
from trainees.chosen import choose_among, choose_trainee
from trainees.models import Trainee
from trainees.services.erasure import request_erasure


@login_required
@require_GET
@never_cache
def show_data(request: HttpRequest) -> HttpResponse:
    """Everything held, by kind, with the number masked. About twenty queries."""
    trainee = choose_trainee(request)
    return _render(request, trainee) if trainee else render(request, "trainees/nobody.html")


@sensitive_post_parameters("password")
@login_required
@require_POST
@never_cache
def download_data(request: HttpRequest) -> HttpResponse:
    """The same as a file; with the own CNIC only after the password was typed again."""
    trainee = _own(request)
    password = request.POST.get("password", "")
    if password and (error := _judge_password(request, password)):
        return _render(request, trainee, password_error=error, status=422)
    data = {
        "made_at": timezone.now().isoformat(),
        "number": trainee.number,
        **collect_data(trainee=trainee, with_cnic=bool(password)),
    }
    text = json.dumps(data, ensure_ascii=False, indent=1)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="hunar-{trainee.number}.json"'
    return answer


def _judge_password(request: HttpRequest, password: str) -> str:
    """Say what is wrong with a password that was typed again; ten tries a minute, as at the sign-in."""
    if not ratelimit.consume(request, action="reauthenticate", user=request.user):
        return _("Too many tries; wait a minute.")
    if not request.user.check_password(password):
        return _("This is not your password. Leave it empty to download without the CNIC.")
    return ""


@login_required
@require_POST
def ask_erasure(request: HttpRequest) -> HttpResponse:
    """Ask the office to remove everything personal."""
    trainee = _own(request)
    if not request.POST.get("sure"):
        return _render(request, trainee, erasure_error=_("Tick the box, so that nobody asks by mistake."), status=422)
    by: Any = request.user
    try:
        request_erasure(trainee=trainee, reason=request.POST.get("reason", ""), by=by, at=timezone.now())
    except ValidationError as error:
        return _render(request, trainee, erasure_error=" ".join(error.messages), status=422)
    messages.success(request, _("The programme office was asked. You get a mail with its answer."))
    return redirect("me_data")


def _own(request: HttpRequest) -> Trainee:
    trainee = choose_trainee(request)
    if trainee is None:
        raise Http404
    return trainee


def _render(request: HttpRequest, trainee: Trainee, *, status: int = 200, **more: Any) -> HttpResponse:
    data = collect_data(trainee=trainee, with_cnic=False)
    context = {
        "trainee": trainee,
        "persons": choose_among(request)[1],
        "sections": [_section(name, value) for name, value in data.items() if value],
        "waiting": trainee.erasurerequests.filter(status="waiting").first(),
        "tab": "profile",
        **more,
    }
    return render(request, "portal/people/data.html", context, status=status)


def _section(name: str, value: Any) -> dict[str, Any]:
    rows = value if isinstance(value, list) else [value]
    shown = [
        [(key.replace("_", " "), told) for key, told in row.items()] if isinstance(row, dict) else [("", row)]
        for row in rows
    ]
    return {"name": name.replace("_", " "), "count": len(rows), "rows": shown, "is_list": isinstance(value, list)}
