"""The files of a report: how each is meant, where it belongs, how far the worker is with it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from cohorts.imports.meetings.given import Given
from cohorts.meeting_forms import SettleForm
from cohorts.models import MeetingFile, MeetingReport
from cohorts.services import meetings
from cohorts.views.teach.access import find_session
from cohorts.views.teach.meetings import back, render_report, settle_form


@login_required
@require_POST
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Say how a file is meant, or that everything is to be found out, and read it again."""
    file = _file(request, pk)
    session = find_session(request, file.report.session_id)
    form = settle_form(file, file.report, request.POST)
    if "reset" not in request.POST and not form.is_valid():
        return _refused(request, file, form)
    given = Given() if "reset" in request.POST else form.given()
    try:
        effect = meetings.settle_file(file=file, given=given, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        form.is_valid()
        form.add_refusal(error)
        return _refused(request, file, form)
    _tell(request, effect)
    return back(session.pk, f"?file={file.pk}#facts")


def _refused(request: HttpRequest, file: MeetingFile, form: SettleForm) -> HttpResponse:
    session = find_session(request, file.report.session_id)
    return render_report(request, file.report, session, refused=(file, form))


def _tell(request: HttpRequest, effect: meetings.Effect) -> None:
    """Say what the other reading changed."""
    if effect.after is None:
        messages.info(request, _("The worker reads the file again; this page shows when it is done."))
        return
    facts = {"found": effect.after[0], "review": effect.after[1], "was": effect.before[0], "waited": effect.before[1]}
    said = _("Read again: %(found)d found (before: %(was)d), %(review)d to review (before: %(waited)d).")
    messages.success(request, said % facts)


def _file(request: HttpRequest, pk: int) -> MeetingFile:
    visible = MeetingReport.objects.visible_to(request.user)
    file = get_object_or_404(MeetingFile.objects.filter(report__in=visible).select_related("report"), pk=pk)
    find_session(request, file.report.session_id)
    return file


@login_required
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file out of the report."""
    file = _file(request, pk)
    meetings.discard_file(file=file, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%s is out of the report; its bytes are kept as evidence.") % file.name)
    return back(file.report.session_id)


@login_required
@require_GET
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is with a file; when it is done the page comes anew."""
    file = _file(request, pk)
    response = render(request, "cohorts/meetings/progress.html", {"file": file})
    if file.state != MeetingFile.State.WAITING:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_POST
def spread(request: HttpRequest, pk: int) -> HttpResponse:
    """Use the files of this report for another session too, or move them there."""
    session = find_session(request, pk)
    value = request.POST.get("session", "")
    other = find_session(request, int(value) if value.isdecimal() and len(value) < 19 else 0)
    try:
        act = meetings.move_files if "move" in request.POST else meetings.share_files
        act(source=session, target=other, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back(session.pk)
    return back(other.pk)
