"""Which pages are measured: lists with their costly filters, orders, searches and pages, and one page of each kind."""

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.test import Client
from django.urls import get_resolver
from django.utils.timezone import now

from admissions.models import Application, Placing
from bench.fill import make_office
from certificates.models import Batch
from cohorts.models import Announcement, Cohort, Enrolment, Venue
from courses.models import Course, Programme
from portal.lists.catalogue import LISTS
from portal.lists.pages import ListPaginator
from portal.lists.shape import Asked
from portal.lists.views import PAGE
from portal.models import ActRun, Export, FigureCheck, Report
from portal.setup.checks import CHECKS
from trainees.models import Message, User

T, C, A, P, M = "manage/trainees", "manage/cohorts", "manage/applications", "manage/certificates", "manage/messages"
AHMAD, NOBODY, NUMBER = {"search": "Ahmad Noor"}, {"search": "Zulfiqar Qazalbash"}, {"search": "BN-20-000777"}
COMMON = {"search": "Ahmed"}  # a quarter of all people
SELDOM = {"province": "GB", "gender": "F", "category": "graduate"}
OPENED: dict[str, tuple[dict[str, str], ...]] = {
    T: (
        {},
        AHMAD,
        NOBODY,
        NUMBER,
        COMMON,
        {"search": "احمد نور"},
        {"search": "Ahmed Bilal Maryam"},
        {"search": "BN-20"},
        {"stage": "at_risk", "province": "PB"},
        {"stage": "attending"},
        {"stage": "placed", "gender": "F", "category": "graduate"},
        {"stage": "waiting"},
        {"stage": "left"},
        {"status": "enrolled", "standing": "at_risk"},
        {"status": "waitlisted"},
        {"course": "AI", "city": "LHE"},
        {"course": "AI", "city": "LHE", **SELDOM},
        {"cohort": "COHORT"},
        {"cohort": "COHORT", "order": "name"},
        *({"order": f"{back}{name}"} for name in ("name", "number", "cohort", "missed") for back in ("", "-")),
        {"stage": "at_risk", "province": "PB", "order": "name"},
        {"stage": "waiting", "order": "name"},
        {"status": "enrolled", "standing": "at_risk", "order": "name"},
        {"stage": "completed", "search": "Fatima"},
        {**COMMON, "order": "name"},
        {**COMMON, "order": "-missed"},
        {**COMMON, "city": "LHE"},
        {**COMMON, "city": "LHE", "order": "name"},
        {**COMMON, "course": "AI", "city": "LHE"},
        {**COMMON, "cohort": "COHORT"},
        {**COMMON, "stage": "waiting"},
        {**COMMON, "status": "waitlisted"},
        {**COMMON, "stage": "at_risk"},
        {**COMMON, "province": "GB"},
        {**COMMON, **SELDOM},
        {**COMMON, "city": "LHE", **SELDOM},
        {"search": "BN-20", "cohort": "COHORT"},
        {"search": "BN-20", **SELDOM},
    ),
    C: (
        {},
        {"search": "AI-LHE"},
        {"search": "Course"},
        {"state": "running"},
        {"course": "DS"},
        {"over": "true"},
        *({"order": f"{back}{name}"} for name in ("code", "starts", "ends") for back in ("", "-")),
        {"search": "LHE", "state": "running", "course": "DS"},
    ),
    A: (
        {},
        AHMAD,
        NOBODY,
        COMMON,
        {"search": "t777@"},
        {"order": "-submitted"},
        {"stage": "applied"},
        {"stage": "in_review"},
        {"stage": "accepted", "city": "LHE", "gender": "F"},
        {"course": "AI", "province": "GB"},
        {"verdict": "duplicate"},
        {**COMMON, "city": "LHE"},
        {**COMMON, "course": "AI"},
        {**COMMON, "course": "AI", "city": "LHE"},
        {**COMMON, "stage": "in_review"},
        {**COMMON, **SELDOM},
        {**COMMON, "course": "AI", "city": "LHE", **SELDOM},
    ),
    P: (
        {},
        AHMAD,
        NOBODY,
        COMMON,
        {"search": "0000000000000077"},  # of databases of any size
        {"state": "issued", "placed": "true"},
        {"state": "revoked"},
        {"course": "AI", "city": "LHE", "gender": "F"},
        {"province": "GB"},
        {"cohort": "CLOSED"},
        *({"order": f"{back}{name}"} for name in ("name", "serial") for back in ("", "-")),
        {**COMMON, "city": "LHE"},
        {**COMMON, "cohort": "CLOSED"},
        {**COMMON, "state": "revoked"},
        {**COMMON, **SELDOM},
        {**COMMON, "course": "AI", "city": "LHE", **SELDOM},
    ),
    M: (
        {},
        COMMON,
        {"state": "failed"},
        {"state": "sent"},
        {"kind": "enrolled"},
        {"about": "COHORT"},
        {"search": "t777@"},
        {"search": "Fatima"},
        {**COMMON, "state": "failed"},
        {**COMMON, "about": "COHORT"},
        {**COMMON, "kind": "enrolled"},
        {"search": "BN-20", "state": "failed"},
    ),
}
PAGED = {
    # of these the other pages as well
    T: ({}, {"stage": "attending"}, {"stage": "placed", "gender": "F"}, {"order": "name"}, COMMON),
    C: ({}, {"state": "running"}),
    A: ({}, {"stage": "applied"}, {"course": "AI"}),
    P: ({}, {"state": "issued", "placed": "true"}, {"city": "LHE"}),
    M: ({}, {"state": "sent"}),
}
Page = tuple[Client, str, str, str]  # who reads it; its kind, title and address


def list_pages() -> Iterator[Page]:
    """Yield each page to measure. A title is the same in a database of any size."""
    newest = Cohort.objects.order_by("-id")
    running = newest.filter(state="running", enrolments__status="enrolled", ends_on__gt=now())[0]
    closed = newest.filter(state="closed", enrolments__status="completed")[0]
    trainee = closed.enrolments.filter(status="completed").order_by("id")[0].trainee
    office = _read_as(make_office())
    yield office, "overview", "overview", "/manage/"
    for filters in ({"city": "LHE", "gender": "F"}, {"course": "AI"}, {"province": "PB", "category": "graduate"}):
        yield office, "overview", f"overview {urlencode(filters)}", f"/manage/?{urlencode(filters)}"
    yield office, "cohort", "cohort, running", f"/manage/cohorts/{running.code}/"
    yield office, "cohort", "cohort, closed", f"/manage/cohorts/{closed.code}/"
    yield office, "list", "trainee, completed", f"/manage/trainees/{trainee.number}/"
    for title, address in _addresses_of_lists({"COHORT": running.code, "CLOSED": closed.code}):
        yield office, "list", title, address
    yield from _pages_of_each_kind(running, office)


def _addresses_of_lists(words: dict[str, str]) -> Iterator[tuple[str, str]]:
    for name, choices in OPENED.items():
        for filters in choices:
            title = f"{name.removeprefix('manage/')} {' '.join(f'{k}={v}' for k, v in filters.items())}".strip()
            address = f"/{name}/?{urlencode({key: words.get(value, value) for key, value in filters.items()})}"
            yield title, address
            if filters in PAGED[name]:
                yield f"{title}, second page", f"{address}&page=2"
                yield f"{title}, in the middle", f"{address}&page={_middle(name, filters)}"
                yield f"{title}, last page", f"{address}&page=last"


def _middle(name: str, filters: dict[str, str]) -> int:
    query = QueryDict(urlencode(filters))
    return (ListPaginator(Asked(LISTS[name.removeprefix("manage/")], make_office(), query), PAGE).num_pages + 1) // 2


def _pages_of_each_kind(running: Cohort, office: Client) -> Iterator[Page]:
    """Yield a page of each address that the office, an instructor or a trainee reads, and the front page."""
    enrolment = running.enrolments.filter(status="enrolled").order_by("id")[0]
    teacher, holder = _read_as(running.instructors.order_by("id")[0]), _read_as(enrolment.trainee.user)
    readers = {"manage/": [office], "announcements/": [office], "teach/": [teacher, office], "me/": [holder]}
    listed = {f"{name}/" for name in OPENED} | {"manage/", "manage/cohorts/<str:code>/"}
    things = _things(running, enrolment)
    for route in _routes(get_resolver().url_patterns):
        start = route.partition("/")[0] + "/"
        for reader in readers.get(start, [Client()] if route in ("", "cohorts/<str:code>/") else []):
            for title, address in _examples(route, things) if route not in listed else ():
                if _is_page(reader, address):
                    named = title if reader is not office or start != "teach/" else f"{title}, of all"
                    yield reader, "list", named or "front page", address


def _read_as(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _routes(patterns: Any, start: str = "") -> Iterator[str]:
    for each in patterns:
        route = start + str(each.pattern)
        if hasattr(each, "url_patterns"):
            yield from _routes(each.url_patterns, route)
        else:
            yield route


def _examples(route: str, things: dict[str, Sequence[Any]]) -> Iterator[tuple[str, str]]:
    """Yield title and address of a route, by each thing that stands for its one argument."""
    start, _bracket, rest = route.partition("<")
    end = rest.partition(">")[2]
    values = things.get(start, ()) if rest else [""]
    for value in values if "<" not in end else ():
        shown = value if len(values) > 1 else "…" if rest else ""
        yield f"{start}{shown}{end}".removeprefix("manage/").strip("/"), f"/{start}{value}{end}"


def _things(running: Cohort, enrolment: Enrolment) -> dict[str, Sequence[Any]]:
    """Return what stands for the argument of addresses that begin so."""
    sessions = running.sessions.order_by("id")
    in_review = Application.objects.filter(status="in_review")
    first = {
        "manage/applications/": in_review,
        "manage/applications/place/": Placing.objects.all(),
        "manage/batches/": Batch.objects.all(),
        "manage/messages/": Message.objects.all(),
        "announcements/": Announcement.objects.all(),
        "manage/checks/": FigureCheck.objects.all(),
        "manage/acts/": ActRun.objects.all(),
        "manage/exports/": Export.objects.all(),
        "manage/reports/": Report.objects.all(),
        "manage/setup/venues/": Venue.objects.filter(rooms__cohorts=running) or Venue.objects.all(),
        "manage/setup/instructors/": running.instructors.all(),
        "teach/sessions/": sessions.filter(state="held"),
        "manage/sessions/": sessions.filter(state="planned"),
    }
    return {
        **{start: [found.order_by("id").values_list("pk", flat=True)[0]] for start, found in first.items()},
        **{f"{start}cohorts/": [running.code] for start in ("", "manage/", "manage/setup/", "teach/")},
        **{f"{start}enrolments/": [enrolment.pk] for start in ("manage/", "teach/", "me/")},
        "manage/trainees/": [enrolment.trainee.number],
        "manage/setup/checks/": list(CHECKS),
        "manage/setup/programmes/": Programme.objects.values_list("code", flat=True)[:1],
        "manage/setup/courses/": Course.objects.order_by("id").values_list("code", flat=True)[:1],
    }


def _is_page(reader: Client, address: str) -> bool:
    """Tell whether an address is a page to open: an act answers otherwise."""
    answer = reader.get(address)
    return answer.status_code == 200 and answer["Content-Type"].startswith("text/html")
