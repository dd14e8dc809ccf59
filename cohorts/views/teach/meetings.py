"""Meeting reports and lists of a session: taken in, looked at, settled, confirmed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cohorts.imports.meetings.given import Given
from cohorts.meeting_facts import facts_of
from cohorts.meeting_forms import SettleForm, typed_opening
from cohorts.meeting_page import Scale, choices_of, details_of, other_sessions, tell_how
from cohorts.models import Enrolment, MeetingFile, MeetingReport, ReportPerson, Session
from cohorts.permissions import can_correct, can_manage
from cohorts.services import meetings
from cohorts.services.tallies import policy_of
from cohorts.views.teach.access import find_session

TABS = ("review", "found", "ignored", "unmet")
MANY = 20  # files in one go
MANY_SESSIONS = 200  # of other cohorts, to move a report to


@login_required
@require_GET
def show_report(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of a session: what was read, who waits for a decision, what would be written. 28 queries."""
    session = find_session(request, pk)
    report = MeetingReport.objects.filter(session=session).first()
    if report is None:
        return render(request, "cohorts/meetings/empty.html", {"session": session} | frame(request))
    return render_report(request, report, session)


def render_report(
    request: HttpRequest,
    report: MeetingReport,
    session: Session,
    *,
    refused: tuple[MeetingFile, SettleForm] | None = None,
) -> HttpResponse:
    """Answer with the page of a report; `refused` is a file and what was said of it that cannot be."""
    report.session = session
    asked = str(refused[0].pk) if refused else request.GET.get("file", "")
    context = _context(request, report, session, asked)
    file, form = context["file"], refused[1] if refused else None
    if form is None and file is not None and (request.GET.get("change") or file.state == MeetingFile.State.FAILED):
        form = settle_form(file, report, None)
    context |= frame(request) | {"form": form}
    return render(request, "cohorts/meetings/report.html", context, status=422 if refused else 200)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the frame of a report's pages: the office's with its side bar, else the instructors'."""
    is_office = can_manage(request.user)
    return {"is_office": is_office, "base": "base_staff.html" if is_office else "cohorts/teach/base.html"}


def settle_form(file: MeetingFile, report: MeetingReport, data: QueryDict | None) -> SettleForm:
    """Return the form of a file with what is settled, what was found out, and the beginning of the file: opened as it
    is settled, or as `data` now say, so that the columns under another heading line can be settled too."""
    given, read = Given.from_json(file.settled), report.assumed.get(str(file.pk), {})
    opened = given if data is None else typed_opening(data)
    look = meetings.look_at_file(file, opened, opened.header_line or read.get("header_line", 0))
    return SettleForm(data, given=given, look=look, read=read)


def _context(request: HttpRequest, report: MeetingReport, session: Session, asked: str) -> dict[str, Any]:
    files = list(report.files.exclude(state=MeetingFile.State.DISCARDED).select_related("uploaded_by").order_by("id"))
    proposal, outcome, _read = meetings.propose_report(report)
    people = list(report.people.filter(rows__gt=0).select_related("enrolment__trainee", "file").order_by("line", "id"))
    file = _chosen(files, asked)
    enrolments = {
        each.pk: each
        for each in session.cohort.enrolments.on_register().select_related("trainee").order_by("trainee__full_name")
    }
    met = {person.enrolment_id for person in people if person.enrolment_id}
    facts = facts_of(report, file, len(met), len(enrolments)) if file else []
    groups: dict[str, list[Any]] = {
        "review": [each for each in people if each.verdict == ReportPerson.Verdict.REVIEW],
        "found": [each for each in people if each.verdict == ReportPerson.Verdict.MATCH],
        "ignored": [each for each in people if each.verdict == ReportPerson.Verdict.IGNORE],
        "unmet": [each for pk, each in enrolments.items() if pk not in met],
    }
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "review" if groups["review"] or not people else "found"
    marks = {each.enrolment_id: each for each in proposal.marks}
    return {
        "session": session,
        "report": report,
        "files": files,
        "file": file,
        "facts": facts,
        "later_facts": [fact.title for fact in facts if not fact.first],
        "others": Session.objects.filter(pk__in=other_sessions(report), cohort=session.cohort).order_by("starts_at"),
        "groups": groups,
        "counts": {name: len(group) for name, group in groups.items()},
        "met": len(met),
        "on_register": len(enrolments),
        "in_files": len(people),
        "tab": tab,
        "tabs": _tabs(groups),
        "rows": _rows(groups[tab], marks, set(proposal.unmarked)) if tab != "review" else [],
        "current": _current(request, people, groups["review"], session, enrolments) if people else None,
        "kept": [(enrolments[each.enrolment_id], each) for each in proposal.kept if each.enrolment_id in enrolments],
        "writing": sum(not each.kept for each in proposal.marks),
        "changing": sum(each.changes and not each.kept for each in proposal.marks),
        "unmarked": len(enrolments) - len(proposal.marks),
        "unclear": any(session.pk in facts.get("unclear", ()) for facts in report.assumed.values()),
        "places": session.cohort.sessions.countable().exclude(pk=session.pk).order_by("starts_at", "id"),
        "elsewhere": _elsewhere(request, session, report),
        "from_files": session.records.filter(channel="import").count(),
        "is_waiting": any(file.state == MeetingFile.State.WAITING for file in files),
        "timed": outcome.timed,
    }


def _elsewhere(request: HttpRequest, session: Session, report: MeetingReport) -> QuerySet[Session]:
    """Return sessions of other cohorts on the days that the files speak of, as far as the person may mark them."""
    days = {session.date.isoformat(), *(day for facts in report.assumed.values() for day in facts["days"])}
    found = Session.objects.visible_to(request.user).countable().filter(date__in=days).exclude(cohort=session.cohort)
    return found.select_related("cohort").order_by("cohort__code", "starts_at", "id")[:MANY_SESSIONS]


def _chosen(files: list[MeetingFile], asked: str) -> MeetingFile | None:
    """Return the file whose facts are shown: the one asked for, else the largest that was read, else the first."""
    by_size = sorted(files, key=lambda file: (file.state == MeetingFile.State.READ, file.rows_read), reverse=True)
    return next((file for file in files if str(file.pk) == asked), by_size[0] if by_size else None)


def _tabs(groups: dict[str, list[Any]]) -> list[tuple[str, str, int]]:
    titles = {"review": _("To review"), "found": _("Found"), "ignored": _("Ignored"), "unmet": _("Not met")}
    return [(name, titles[name], len(groups[name])) for name in TABS]


def _rows(group: list[Any], marks: dict[int, meetings.Proposed], unmarked: set[int]) -> list[dict[str, Any]]:
    """Return the lines of a tab: a person met, or a trainee not met, with the mark that would be written."""
    if group and isinstance(group[0], Enrolment):
        return [
            {"enrolment": each, "mark": marks.get(each.pk), "waits": each.pk in unmarked, "person": None}
            for each in group
        ]
    return [
        {"person": each, "enrolment": each.enrolment, "mark": marks.get(each.enrolment_id), "how": tell_how(each)}
        for each in group
    ]


def _current(
    request: HttpRequest,
    people: list[ReportPerson],
    queue: list[ReportPerson],
    session: Session,
    enrolments: dict[int, Enrolment],
) -> dict[str, Any] | None:
    """Return the label that is looked at: the one asked for, else the first that waits."""
    asked = request.GET.get("person", "")
    chosen = next((each for each in people if str(each.pk) == asked), queue[0] if queue else None)
    if chosen is None:
        return None
    scale = Scale(session)
    later = queue[queue.index(chosen) + 1 :] if chosen in queue else []
    return {
        "person": chosen,
        "position": queue.index(chosen) + 1 if chosen in queue else 0,
        "next": later[0] if later else None,
        "previous": queue[queue.index(chosen) - 1] if chosen in queue and queue.index(chosen) else None,
        "details": details_of(chosen, scale, policy_of(session.cohort).late_after_minutes),
        "choices": choices_of(chosen, scale, enrolments, people),
        "everybody": enrolments.values(),
        "frame": scale.session(),
        "ticks": scale.ticks(),
    }


def back(session_id: int, query: str = "") -> HttpResponse:
    """Return to the page of a session's report."""
    return redirect(reverse("meeting_report", args=[session_id]) + query)


@login_required
@require_POST
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Take in files, or a pasted list of names."""
    session = find_session(request, pk)
    uploads: list[UploadedFile] = request.FILES.getlist("files")[:MANY]
    names = request.POST.get("names", "").strip()
    if not uploads and not names:
        messages.error(request, _("Choose a file, or paste a list of names."))
    for upload in uploads:
        _add(request, session, upload.name or "report", upload.chunks())
    if names:
        _add(request, session, _("pasted list"), [names.encode()])
    return back(pk)


def _add(request: HttpRequest, session: Session, name: str, chunks: Any) -> None:
    try:
        added = meetings.add_file(session=session, name=name, chunks=chunks, by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    if added.repeated:
        messages.info(request, _("%s: this content is here already; it adds nothing.") % name)


@login_required
@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write the marks."""
    session = find_session(request, pk)
    report = get_object_or_404(MeetingReport, session=session)
    take = [int(value) for value in request.POST.getlist("take") if value.isdecimal() and len(value) < 19]
    try:
        done = meetings.confirm_report(
            report=report,
            by=request.user,  # type: ignore[arg-type]
            at=timezone.now(),
            take=take,
            absent_rest=bool(request.POST.get("absent_rest")),
            may_correct=can_correct(request.user),
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back(pk)
    said = _("Written: %(created)d new marks, %(updated)d changed, %(unchanged)d stood already, %(kept)d kept.")
    messages.success(request, said % vars(done))
    return back(pk)


@login_required
@require_http_methods(["GET", "POST"])
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which marks from files would go back, and take them back. Eight queries to show."""
    session = find_session(request, pk)
    context, status = {"session": session} | frame(request), 200
    if request.method == "POST":
        reason = request.POST.get("reason", "")[:160]
        try:
            done = meetings.take_back_marks(
                session=session,
                reason=reason,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                may_correct=can_correct(request.user),
            )
        except ValidationError as error:
            context |= {"error": " ".join(error.messages), "reason": reason}
            status = 422
        else:
            said = _("Marks taken back: %(back)d. Left, because they were changed later: %(stay)d.")
            messages.success(request, said % {"back": len(done.back), "stay": len(done.stay)})
            return back(pk)
    context["plan"] = meetings.plan_take_back(session)
    return render(request, "cohorts/meetings/take_back.html", context, status=status)


@login_required
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who a label is, that it is nobody, or take that back."""
    person = get_object_or_404(_people(request), pk=pk)
    session = find_session(request, person.report.session_id)
    wanted = request.POST.get("enrolment", "")
    try:
        if "undo" in request.POST:
            meetings.undo_decision(person=person, by=request.user, at=timezone.now())  # type: ignore[arg-type]
        elif wanted == "choose" or (wanted and not wanted.isdecimal()) or len(wanted) > 18:
            messages.error(request, _("Choose a trainee."))
        else:
            meetings.decide_person(
                person=person,
                enrolment_id=int(wanted) if wanted else None,
                by=request.user,  # type: ignore[arg-type]
                at=timezone.now(),
                remember=bool(request.POST.get("remember")),
            )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return back(session.pk, "#queue")


def _people(request: HttpRequest) -> Any:
    visible = MeetingReport.objects.visible_to(request.user)
    return ReportPerson.objects.filter(report__in=visible).select_related("report", "enrolment")
