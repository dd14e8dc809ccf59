"""Finding a person, a certificate, a cohort or a page by a few letters, for the office."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, Q, When
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from certificates.codes import grouped, normalise
from certificates.models import Certificate
from cohorts import rules
from cohorts.models import Cohort, Enrolment
from cohorts.services.tallies import policy_of
from trainees.finding import find_beginning, find_names, find_people
from trainees.models import Trainee

SHORTEST, PEOPLE, OTHERS = 2, 6, 4
ENOUGH = 500  # of one name, of which the best are shown; the list has all of them
PAGES = (
    (lazy("Overview"), "manage", "layout-dashboard"),
    (lazy("Applications"), "manage_applications", "inbox"),
    (lazy("Import applications"), "manage_import_applicants", "upload"),
    (lazy("Cohorts"), "manage_cohorts", "school"),
    (lazy("New cohort"), "setup_cohort_new", "school"),
    (lazy("Timetables of all cohorts"), "timetables", "calendar"),
    (lazy("Holidays"), "holidays", "calendar-off"),
    (lazy("Missing registers"), "missing_registers", "list-check"),
    (lazy("Names to settle"), "names_to_settle", "users"),
    (lazy("Trainees"), "manage_trainees", "users"),
    (lazy("Requests of trainees"), "manage_requests", "file-text"),
    (lazy("Leave and disputed marks"), "teach_requests", "calendar-off"),
    (lazy("At risk"), "teach_warnings", "flag"),
    (lazy("Certificates"), "certificates", "certificate"),
    (lazy("Issue certificates"), "certificates_issue_all", "certificate"),
    (lazy("Problems reported with certificates"), "problem_reports", "alert-triangle"),
    (lazy("Messages"), "manage_messages", "mail"),
    (lazy("Write to people"), "announcement_new", "mail"),
    (lazy("Reports"), "reports", "file-text"),
    (lazy("Nightly check of the figures"), "figure_checks", "list-check"),
    (lazy("Set-up"), "setup", "list-check"),
)
TONES: dict[str, str] = {
    Enrolment.Status.WAITLISTED: "info",
    Enrolment.Status.OFFERED: "info",
    Enrolment.Status.ENROLLED: "quiet",
    Enrolment.Status.COMPLETED: "good",
    Enrolment.Status.NOT_COMPLETED: "bad",
    Certificate.State.ISSUED: "good",
    Certificate.State.REVOKED: "bad",
    Certificate.State.FAILED: "bad",
    Cohort.State.RUNNING: "good",
    Cohort.State.PLANNED: "info",
}


@dataclass(frozen=True)
class Hit:
    """One thing that was found, with what its preview says and where one goes from it."""

    title: SafeString
    detail: SafeString
    url: str
    icon: str
    badge: str = ""
    tone: str = "quiet"
    urdu: str = ""
    facts: list[tuple[str, str]] = field(default_factory=list)
    acts: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Group:
    """Hits of one kind; `more` is the list that holds all of them, where these are not all."""

    kind: str
    label: str
    hits: list[Hit]
    more: str = ""


def find(words: str, *, user: Any) -> list[Group]:
    """Return what a person of the office may mean, people first. At most seven queries, whatever the size."""
    words = " ".join(words.replace("\x00", "").split())[:60]
    if len(words) < SHORTEST:
        return []
    groups = [_people(words, user), _certificates(words), _cohorts(words), _pages(words)]
    return [group for group in groups if group.hits]


def _list_of(name: str, words: str) -> str:
    """Return the address of the list that holds all who were found."""
    return f"{reverse(name)}?{urlencode({'search': words})}"


def _people(words: str, user: Any) -> Group:
    as_typed = Case(When(full_name__icontains=words, then=0), default=1)  # before other spellings
    found = Trainee.objects.visible_to(user).filter(find_people(words).by_index)
    best = Trainee.objects.filter(pk__in=found.values("pk")[:ENOUGH]).order_by(as_typed, "full_name", "id")
    trainees = list(best.defer("cnic")[: PEOPLE + 1])
    parts = Enrolment.objects.filter(trainee__in=trainees[:PEOPLE]).select_related("cohort__course", "cohort__policy")
    newest: dict[int, Enrolment] = {}
    for enrolment in parts.prefetch_related("cohort__course__policies", "certificates").order_by("id"):
        newest[enrolment.trainee_id] = enrolment
    hits = [_person(each, newest.get(each.pk), words) for each in trainees[:PEOPLE]]
    more = _list_of("manage_trainees", words) if len(trainees) > PEOPLE else ""
    return Group("people", _("People"), hits, more)


def _person(trainee: Trainee, enrolment: Enrolment | None, words: str) -> Hit:
    code = enrolment.cohort.code if enrolment else ""
    hit: dict[str, Any] = {
        "title": mark(trainee.full_name, words),
        "detail": mark(" · ".join(part for part in (trainee.number, code) if part), words),
        "url": reverse("manage_trainee", args=[trainee.number]),
        "icon": "user",
        "urdu": trainee.full_name_ur,
    }
    if enrolment is None:
        return Hit(**hit)
    issued = [each for each in enrolment.certificates.all() if each.state == Certificate.State.ISSUED]
    rate = rules.compute_rates(enrolment, policy_of(enrolment.cohort)).to_date
    facts = [(_("Cohort"), f"{code} · {enrolment.cohort.course.title}")]
    facts.append((_("Attendance"), f"{rate.percent} %" if rate else _("no rate yet")))
    facts.append((_("Stands"), str(enrolment.get_status_display())))
    facts.append((_("Certificate"), _("issued") if issued else _("none")))
    acts = [(_("Ledger"), reverse("trainee_ledger", args=[enrolment.pk]))]
    acts.append((_("Cohort"), reverse("manage_cohort", args=[code])))
    acts += [(_("Certificate"), reverse("certificate", args=[each.code])) for each in issued[:1]]
    badge = _("Certified") if issued else str(enrolment.get_status_display())
    tone = "good" if issued else TONES.get(enrolment.status, "quiet")
    return Hit(**hit, badge=badge, tone=tone, facts=facts, acts=acts)


def _certificates(words: str) -> Group:
    meant, code = find_names(words), normalise(words)[:40]
    if len(code) >= 4:
        meant |= find_beginning("code", code)
    found = Certificate.objects.filter(meant.by_index).values("pk")[:ENOUGH]
    newest = Certificate.objects.filter(pk__in=found).select_related("enrolment__cohort__course").order_by("-id")
    certificates = list(newest[: OTHERS + 1])
    hits = [_certificate(each, words) for each in certificates[:OTHERS]]
    more = _list_of("certificates", words) if len(certificates) > OTHERS else ""
    return Group("certificates", _("Certificates"), hits, more)


def _certificate(certificate: Certificate, words: str) -> Hit:
    course = certificate.enrolment.cohort.course.title if certificate.enrolment else ""
    issued = date_format(certificate.issued_at, "j M Y") if certificate.issued_at else ""
    return Hit(
        title=mark(grouped(certificate.code), words),
        detail=mark(" · ".join(part for part in (certificate.name, course, issued) if part), words),
        url=reverse("certificate", args=[certificate.code]),
        icon="certificate",
        badge=str(certificate.get_state_display()),
        tone=TONES.get(certificate.state, "quiet"),
        facts=[(_("Name"), certificate.name), (_("Course"), course), (_("Issued"), issued or "–")],
        acts=[(_("As everybody sees it"), reverse("verify", args=[certificate.code]))],
    )


def _cohorts(words: str) -> Group:
    taught = Q(instructors__full_name__icontains=words)
    wanted = Q(code__icontains=words) | Q(course__title__icontains=words) | taught
    found = Cohort.objects.filter(wanted).select_related("course").prefetch_related("instructors").distinct()
    cohorts = list(found.order_by("-starts_on", "code")[: OTHERS + 1])
    hits = [_cohort(each, words) for each in cohorts[:OTHERS]]
    more = _list_of("manage_cohorts", words) if len(cohorts) > OTHERS else ""
    return Group("cohorts", _("Cohorts"), hits, more)


def _cohort(cohort: Cohort, words: str) -> Hit:
    taught = ", ".join(each.get_full_name() for each in cohort.instructors.all())
    detail = _("taught by %s") % taught if taught else date_format(cohort.starts_on, "j M Y")
    facts = [
        (_("City"), str(cohort.get_city_display())),
        (_("Starts"), date_format(cohort.starts_on, "j M Y")),
        (_("Ends"), date_format(cohort.ends_on, "j M Y") if cohort.ends_on else "–"),
        (_("Places"), str(cohort.capacity)),
    ]
    acts = [
        (_("Timetable"), reverse("timetable", args=[cohort.code])),
        (_("Trainees"), f"{reverse('manage_trainees')}?cohort={cohort.code}"),
    ]
    return Hit(
        title=mark(f"{cohort.code} {cohort.course.title}", words),
        detail=mark(detail, words),
        url=reverse("manage_cohort", args=[cohort.code]),
        icon="school",
        badge=str(cohort.get_state_display()),
        tone=TONES.get(cohort.state, "quiet"),
        facts=facts,
        acts=acts,
    )


def _pages(words: str) -> Group:
    typed = words.casefold().lstrip("> ").split()
    hits = [
        Hit(title=mark(str(label), words), detail=SafeString(), url=reverse(name), icon=icon)
        for label, name, icon in PAGES
        if all(word in str(label).casefold() for word in typed)
    ]
    return Group("pages", _("Go to"), hits[:PEOPLE])


def mark(text: str, words: str) -> SafeString:
    """Return the text, escaped, with every typed word underlined where it stands."""
    spans: list[tuple[int, int]] = []
    folded = text.casefold()
    for word in words.casefold().split() if len(folded) == len(text) else []:
        start = folded.find(word)
        while start >= 0:
            spans.append((start, start + len(word)))
            start = folded.find(word, start + len(word))
    return mark_safe("".join(_pieces(text, _joined(spans))))  # noqa: S308 - every piece is escaped


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _pieces(text: str, spans: Sequence[tuple[int, int]]) -> list[str]:
    pieces, at = [], 0
    for start, end in spans:
        pieces += [conditional_escape(text[at:start]), f"<mark>{conditional_escape(text[start:end])}</mark>"]
        at = end
    return [*pieces, conditional_escape(text[at:])]
