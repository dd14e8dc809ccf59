"""Scores of a cohort's assessments: a grid, and a file with a preview before anything is written (R30)."""

import json
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from cohorts import rules
from cohorts.imports.scores import read_scores
from cohorts.models import Cohort, Enrolment
from cohorts.permissions import can_manage, can_score
from cohorts.rules.points import format_points, read_points
from cohorts.services.completion import collect_evidence
from cohorts.services.score_files import examine_scores, score_columns
from cohorts.services.scores import Entry, ScoresChanged, last_change, save_scores
from cohorts.services.tallies import policy_of
from trainees.imports.table import UnreadableFile
from trainees.rules import ascii_digits

Typed = dict[tuple[int, int], str]


@login_required
@require_http_methods(["GET", "POST"])
def show_scores(request: HttpRequest, code: str) -> HttpResponse:
    """The grid, one row per trainee; a save is whole or not at all. Thirteen queries."""
    cohort = _cohort(request, code)
    if request.method == "GET":
        return _render(request, cohort, {}, [])
    _require_score(request, cohort)
    typed = _typed(request)
    by: Any = request.user
    try:
        entries, channel = _entries(request, cohort, typed)
        saved = save_scores(
            cohort=cohort, entries=entries, channel=channel, by=by, at=timezone.now(), seen=_seen(request)
        )
    except ScoresChanged as error:
        own = {key: text for key, text in typed.items() if key in error.touched}
        return _render(request, cohort, own, error.messages)
    except ValidationError as error:
        return _render(request, cohort, typed, error.messages, seen=_seen(request))
    messages.success(request, _("%d scores saved.") % saved["changed"])
    return redirect("cohort_scores", code)


@login_required
@require_POST
def preview_scores(request: HttpRequest, code: str) -> HttpResponse:
    """Read a file and show what it would do; what is confirmed goes through the grid's own door."""
    cohort = _cohort(request, code)
    _require_score(request, cohort)
    try:
        rows = _read_upload(request, cohort)
    except ValidationError as error:
        return _render(request, cohort, {}, error.messages)
    seen = last_change(cohort)
    examined = examine_scores(cohort=cohort, rows=rows)
    payload = json.dumps([[each.enrolment_id, each.assessment_id, each.hundredths] for each in examined.entries])
    columns = score_columns(cohort)
    lines = [(each, [format_points(each.row.scores.get(column.id)) for column in columns]) for each in examined.rows]
    context = {"cohort": cohort, "columns": columns, "lines": lines, "counts": examined.counts, "payload": payload}
    context["seen"] = seen
    return render(request, "cohorts/scores/preview.html", {**context, **_base(request)})


def _cohort(request: HttpRequest, code: str) -> Cohort:
    return get_object_or_404(Cohort.objects.managed_by(request.user).select_related("course", "policy"), code=code)


def _require_score(request: HttpRequest, cohort: Cohort) -> None:
    if not can_score(request.user, cohort):
        raise PermissionDenied


def _base(request: HttpRequest) -> dict[str, str]:
    if can_manage(request.user):
        return {"base": "base_staff.html", "frame": ""}
    return {"base": "cohorts/teach/base.html", "frame": "hn-wrap hn-section"}


def _read_upload(request: HttpRequest, cohort: Cohort) -> Any:
    upload = request.FILES.get("file")
    if upload is None:
        raise ValidationError(_("Choose a file."), code="required")
    if (upload.size or 0) > settings.UPLOAD_MAX_BYTES:
        limit = settings.UPLOAD_MAX_BYTES >> 20
        raise UnreadableFile(_("The file is too large; at most %d MB are read.") % limit, "too_large")
    suffix = "".join(c for c in Path(upload.name or "").suffix.lower() if c.isalnum() or c == ".")[:6]
    with tempfile.NamedTemporaryFile(suffix=suffix) as file:
        for chunk in upload.chunks():
            file.write(chunk)
        file.flush()
        return read_scores(Path(file.name), score_columns(cohort), size_limit=settings.UPLOAD_MAX_BYTES)


def _typed(request: HttpRequest) -> Typed:
    """Return what was typed by enrolment and assessment: fields are named s-<enrolment>-<assessment>."""
    typed = {}
    for name, value in request.POST.items():
        parts = name.split("-")
        if len(parts) == 3 and parts[0] == "s" and all(part.isdecimal() and len(part) < 12 for part in parts[1:]):
            typed[int(parts[1]), int(parts[2])] = str(value)[:40]
    return typed


def _entries(request: HttpRequest, cohort: Cohort, typed: Typed) -> tuple[list[Entry], str]:
    if "payload" in request.POST:
        return _confirmed(request.POST["payload"]), "import"
    most = {column.id: column for column in score_columns(cohort)}
    entries, faults = [], []
    for (enrolment, assessment), value in typed.items():
        if assessment not in most:
            continue
        try:
            points = read_points(ascii_digits(value), most[assessment].points)
        except ValidationError as error:
            faults.append(f"{most[assessment].name}: {error.messages[0]}")
            continue
        entries.append(Entry(enrolment, assessment, points))
    if faults:
        raise ValidationError(faults, code="points")
    return entries, "grid"


def _confirmed(payload: str) -> list[Entry]:
    try:
        triples = json.loads(payload)
        entries = [Entry(*triple) for triple in triples]
        if not all(type(part) is int for triple in triples for part in triple):
            raise ValueError
    except (ValueError, TypeError, RecursionError):
        raise ValidationError(_("The preview is damaged; upload the file again."), code="payload") from None
    return entries


def _seen(request: HttpRequest) -> int | None:
    """Return which line of history was the newest when the page was made; None where it does not say."""
    given = request.POST.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def _render(
    request: HttpRequest, cohort: Cohort, typed: Typed, errors: list[str], seen: int | None = None
) -> HttpResponse:
    """Show the grid; `seen` is what a form with faults had seen, and is read before the scores are."""
    seen = last_change(cohort) if seen is None else seen
    policy = policy_of(cohort)
    columns = list(policy.assessments.order_by("number"))
    enrolments = list(cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name", "id"))
    evidence = collect_evidence(cohort=cohort, policy=policy, enrolments=enrolments)
    context = {
        "cohort": cohort,
        "policy": policy,
        "columns": columns,
        "rows": [_row(each, evidence[each.pk], columns, typed) for each in enrolments],
        "errors": errors,
        "seen": seen,
        "editable": can_score(request.user, cohort) and cohort.state != Cohort.State.CLOSED,
        **_base(request),
    }
    return render(request, "cohorts/scores/grid.html", context, status=422 if errors else 200)


def _row(enrolment: Enrolment, evidence: rules.Evidence, columns: list[Any], typed: Typed) -> dict[str, Any]:
    cells = [
        {
            "name": f"s-{enrolment.pk}-{column.pk}",
            "value": typed.get((enrolment.pk, column.pk), format_points(work.scored)),
            "label": f"{enrolment.trainee.full_name}, {column.name}",
        }
        for column, work in zip(columns, evidence.works, strict=True)
    ]
    rate = rules.rate_scores(evidence.works)[0] if any(work.weight for work in evidence.works) else None
    return {"enrolment": enrolment, "cells": cells, "rate": rate}
