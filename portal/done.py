"""What people did today, from the audit trail: the other half of what needs a hand."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet, Value
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import ngettext_lazy

from audit.models import AuditEntry
from cohorts.models import Session

DAYS_LISTED = 7
KEPT = "register"  # no act of the audit trail: the first marks of a session, or its register opened again


def _n(one: str, many: str) -> Any:
    return ngettext_lazy(one, many, "n")


DONE = {
    # The acts that answer a need, and those that move many people; registers have a list of their own.
    "register.close": _n("closed %(shown)s register", "closed %(shown)s registers"),
    "meeting.confirm": _n("confirmed %(shown)s meeting report", "confirmed %(shown)s meeting reports"),
    "meeting.decide": _n("settled %(shown)s name of a meeting report", "settled %(shown)s names of meeting reports"),
    "walk_in.match": _n("matched %(shown)s walk-in", "matched %(shown)s walk-ins"),
    "leave.approved": _n("approved %(shown)s request for leave", "approved %(shown)s requests for leave"),
    "leave.refused": _n("refused %(shown)s request for leave", "refused %(shown)s requests for leave"),
    "appeal.accepted": _n("accepted %(shown)s disputed mark", "accepted %(shown)s disputed marks"),
    "appeal.refused": _n("refused %(shown)s disputed mark", "refused %(shown)s disputed marks"),
    "trainee.name": _n("settled the name of %(shown)s trainee", "settled the names of %(shown)s trainees"),
    "erasure.decide": _n("decided %(shown)s removal of data", "decided %(shown)s removals of data"),
    "application.decide": _n("decided %(shown)s application", "decided %(shown)s applications"),
    "application.reopen": _n("reopened %(shown)s application", "reopened %(shown)s applications"),
    "applications.import": _n("imported %(shown)s file of applications", "imported %(shown)s files of applications"),
    "placing.request": _n("gave places %(shown)s time", "gave places %(shown)s times"),
    "cohort.capacity": _n("changed the places of %(shown)s cohort", "changed the places of %(shown)s cohorts"),
    "timetable.change": _n("changed %(shown)s timetable", "changed %(shown)s timetables"),
    "exception.grant": _n("granted %(shown)s exception", "granted %(shown)s exceptions"),
    "cohort.close": _n("closed %(shown)s cohort", "closed %(shown)s cohorts"),
    "cohort.reopen": _n("reopened %(shown)s cohort", "reopened %(shown)s cohorts"),
    "certificates.issue": _n(
        "issued the certificates of %(shown)s cohort", "issued the certificates of %(shown)s cohorts"
    ),
    "certificates.retry": _n("retried %(shown)s failed print", "retried %(shown)s failed prints"),
    "certificate.replace": _n("replaced %(shown)s certificate", "replaced %(shown)s certificates"),
    "certificate.revoke": _n("revoked %(shown)s certificate", "revoked %(shown)s certificates"),
    "report.settle": _n("answered %(shown)s reported problem", "answered %(shown)s reported problems"),
    "message.retry": _n("sent %(shown)s failed mail again", "sent %(shown)s failed mails again"),
    "announcement.create": _n("wrote to people %(shown)s time", "wrote to people %(shown)s times"),
}


def list_done(*, since: datetime) -> QuerySet[AuditEntry]:
    """Return what the office and instructors did: an index finds each act's entries since that moment."""
    acts = AuditEntry.objects.filter(act__in=list(DONE), at__gte=since, by__isnull=False)
    return acts.exclude(act="trainee.name", by__is_staff=False)  # a trainee asks for a name, the office settles it


def list_kept(*, since: datetime) -> QuerySet[Session]:
    """Return the sessions whose register was begun or opened again: an index finds them since that moment.

    The marks themselves are some ten thousand a day in the ledger, which is in order of sessions and not of time.
    """
    return Session.objects.filter(marked_at__gte=since)


def begin_of_list(at: datetime) -> datetime:
    """Return from when on the list of what was done reaches."""
    return _midnight(at) - timedelta(days=DAYS_LISTED - 1)


def sum_done(*, at: datetime) -> dict[str, Any]:
    """Return how many acts this day has, whose they are, how many registers, and addresses of lists of those lengths.

    One query.
    """
    today = _midnight(at)
    acts = list_done(since=today).order_by().values_list("by__full_name", "by", "act")
    kept = list_kept(since=today).order_by().annotate(name=Value(""), who=Value(0), act=Value(KEPT))
    registers = kept.values_list("name", "who", "act").annotate(n=Count("id"))
    found = list(acts.annotate(n=Count("id")).union(registers, all=True))
    rows = sorted((row for row in found if row[2] != KEPT), key=lambda row: (row[0], row[1], list(DONE).index(row[2])))
    people: dict[Any, dict[str, Any]] = {}
    for name, pk, act, n in rows:
        people.setdefault(pk, {"name": name, "acts": []})["acts"].append(say_done(act, n))
    return {
        "n": sum(row[-1] for row in rows),
        "people": [{"name": each["name"], "said": ", ".join(each["acts"])} for each in people.values()],
        "url": f"{reverse('done')}?on={today:%Y-%m-%d}",
        "kept": sum(row[-1] for row in found if row[2] == KEPT),
        "kept_url": f"{reverse('kept')}?on={today:%Y-%m-%d}",
    }


def say_done(act: str, n: int = 1) -> str:
    """Return an act and how often it was done, as words that follow a name."""
    return str(DONE[act] % {"n": n, "shown": f"{n:,}"})


def _midnight(at: datetime) -> datetime:
    here = localtime(at)
    return datetime.combine(here.date(), time.min, here.tzinfo)
