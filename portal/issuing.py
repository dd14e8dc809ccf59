"""Issuing for the whole programme: what it would do everywhere, and a page of the cohorts where somebody is due."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from certificates.models import Batch
from certificates.permissions import can_issue, can_view
from certificates.rules import is_printable
from certificates.services.programme import due_everywhere, issue_programme, preview_cohorts
from cohorts.models import Cohort
from portal.figures.listed import count_people
from portal.figures.refresh import DOUBTFUL
from portal.lists.bulk_rest import ISSUE
from portal.lists.catalogue import LISTS
from portal.lists.runs import request_run
from portal.models import CohortCell, StaleCohort
from trainees.models import User

SHOWN = 50  # cohorts on a page
AT_ONCE = 20  # cohorts issued while somebody waits


@login_required
@require_http_methods(["GET", "POST"])
def issue_all(request: HttpRequest) -> HttpResponse:
    """The dry run of all closed cohorts; a POST makes a batch for each with somebody due. Thirteen queries.

    Where these are many the worker tries it first, cohort by cohort, and then does it: half a minute for a thousand.
    """
    if not can_view(request.user):
        raise PermissionDenied
    if request.method == "POST":
        if not can_issue(request.user):
            raise PermissionDenied
        return _issue(request)
    pages: Paginator[int] = Paginator(_owing(), SHOWN)
    page = pages.get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": preview_cohorts(list(page.object_list)),
        "batches": Batch.objects.select_related("cohort__course").order_by("-id")[:20],
        "may_issue": can_issue(request.user),
        **_sums(),
    }
    return render(request, "portal/issuing.html", context)


def _issue(request: HttpRequest) -> HttpResponse:
    owing, by, now = _owing(), cast(User, request.user), timezone.now()
    if owing.count() > AT_ONCE:
        cohorts = Cohort.objects.filter(pk__in=owing)
        run = request_run(office_list=LISTS["cohorts"], act=ISSUE, rows=cohorts, values={}, by=by, at=now)
        return redirect("act_run", run.pk)
    total = sum(batch.total for batch in issue_programme(by=by, at=now))
    text = ngettext("%(n)d certificate is being made.", "%(n)d certificates are being made.", total)
    messages.success(request, text % {"n": total})
    return redirect("certificates_issue_all")


def _owing() -> QuerySet[Cohort, int]:
    """Return the closed cohorts where somebody is due, by code: a summary knows them, but for those that changed."""
    changed = StaleCohort.objects.values("cohort_id")
    counted = CohortCell.objects.filter(due__gt=0).exclude(cohort__in=changed).values("cohort")
    owing = counted.union(due_everywhere().filter(cohort__in=changed).values("cohort"))
    closed = Cohort.objects.filter(state=Cohort.State.CLOSED, pk__in=owing)
    return closed.order_by("code").values_list("pk", flat=True)


def _sums() -> dict[str, int]:
    """Return where everybody stands who ended in a closed cohort; the first four add up to the last. Four queries.

    A summary knows in which cohorts a name is doubtful; only such names are looked at one by one.
    """
    counts = count_people({}, ("completed", "not_completed", "due"))
    doubtful = CohortCell.objects.filter(doubtful__gt=0).values("cohort")
    asked = due_everywhere().filter(DOUBTFUL, cohort__in=doubtful.union(StaleCohort.objects.values("cohort_id")))
    names = asked.values_list("trainee__full_name", "trainee__full_name_ur")
    unprintable = sum(not is_printable(*both) for both in names)
    return {
        "due": counts["due"] - unprintable,
        "unprintable": unprintable,
        "issued": counts["completed"] - counts["due"],
        "refused": counts["not_completed"],
        "total": counts["completed"] + counts["not_completed"],
    }
