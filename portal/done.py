"""What people did today, from the audit trail: the other half of what needs a hand."""

from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import ngettext_lazy

from audit.models import AuditEntry

DAYS_LISTED = 7


def _n(one: str, many: str) -> Any:
    return ngettext_lazy(one, many, "n")


DONE = {
    # The acts that answer a need, and those that move many people; marks stand in the ledger of their session.
    "register.close": _n("closed %(n)d register", "closed %(n)d registers"),
    "meeting.confirm": _n("confirmed %(n)d meeting report", "confirmed %(n)d meeting reports"),
    "meeting.decide": _n("settled %(n)d name of a meeting report", "settled %(n)d names of meeting reports"),
    "walk_in.match": _n("matched %(n)d walk-in", "matched %(n)d walk-ins"),
    "leave.approved": _n("approved %(n)d request for leave", "approved %(n)d requests for leave"),
    "leave.refused": _n("refused %(n)d request for leave", "refused %(n)d requests for leave"),
    "appeal.accepted": _n("accepted %(n)d disputed mark", "accepted %(n)d disputed marks"),
    "appeal.refused": _n("refused %(n)d disputed mark", "refused %(n)d disputed marks"),
    "trainee.name": _n("settled the name of %(n)d trainee", "settled the names of %(n)d trainees"),
    "erasure.decide": _n("decided %(n)d removal of data", "decided %(n)d removals of data"),
    "application.decide": _n("decided %(n)d application", "decided %(n)d applications"),
    "applications.import": _n("imported %(n)d file of applications", "imported %(n)d files of applications"),
    "placing.request": _n("gave places %(n)d time", "gave places %(n)d times"),
    "cohort.capacity": _n("changed the places of %(n)d cohort", "changed the places of %(n)d cohorts"),
    "timetable.change": _n("changed %(n)d timetable", "changed %(n)d timetables"),
    "exception.grant": _n("granted %(n)d exception", "granted %(n)d exceptions"),
    "cohort.close": _n("closed %(n)d cohort", "closed %(n)d cohorts"),
    "cohort.reopen": _n("reopened %(n)d cohort", "reopened %(n)d cohorts"),
    "certificates.issue": _n("issued the certificates of %(n)d cohort", "issued the certificates of %(n)d cohorts"),
    "certificates.retry": _n("retried %(n)d failed print", "retried %(n)d failed prints"),
    "certificate.replace": _n("replaced %(n)d certificate", "replaced %(n)d certificates"),
    "certificate.revoke": _n("revoked %(n)d certificate", "revoked %(n)d certificates"),
    "report.settle": _n("answered %(n)d reported problem", "answered %(n)d reported problems"),
    "message.retry": _n("sent %(n)d failed mail again", "sent %(n)d failed mails again"),
    "announcement.create": _n("wrote to people %(n)d time", "wrote to people %(n)d times"),
}


def list_done(*, since: datetime) -> QuerySet[AuditEntry]:
    """Return what the office and instructors did: an index finds each act's entries since that moment."""
    acts = AuditEntry.objects.filter(act__in=list(DONE), at__gte=since, by__isnull=False)
    return acts.exclude(act="trainee.name", by__is_staff=False)  # a trainee asks for a name, the office settles it


def begin_of_list(at: datetime) -> datetime:
    """Return from when on the list of what was done reaches."""
    return _midnight(at) - timedelta(days=DAYS_LISTED - 1)


def sum_done(*, at: datetime) -> dict[str, Any]:
    """Return how many acts this day has, whose they are, and the address of a list of that length. One query."""
    today = _midnight(at)
    found = list_done(since=today).order_by().values_list("by__full_name", "by", "act").annotate(n=Count("id"))
    rows = sorted(found, key=lambda row: (row[0], row[1], list(DONE).index(row[2])))
    people: dict[Any, dict[str, Any]] = {}
    for name, pk, act, n in rows:
        people.setdefault(pk, {"name": name, "acts": []})["acts"].append(DONE[act] % {"n": n})
    return {
        "n": sum(row[-1] for row in rows),
        "people": [{"name": each["name"], "said": ", ".join(each["acts"])} for each in people.values()],
        "url": f"{reverse('done')}?on={today:%Y-%m-%d}",
    }


def _midnight(at: datetime) -> datetime:
    here = localtime(at)
    return datetime.combine(here.date(), time.min, here.tzinfo)
