"""The overview of the programme office, and the outbox."""

from typing import Any

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_filters.views import FilterView

from cohorts.views.manage import OfficeMixin, require_office
from portal.charts import draw_funnel, draw_places
from portal.figures import attendance_by_week, count_programme, list_needs, split_by_province
from trainees.models import Message, Trainee
from trainees.services.messages import retry_failed


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where everybody stands, why, and what to do next. Fifteen queries at most, whatever the size."""
    if refusal := require_office(request):
        return refusal
    now = timezone.now()
    figures = count_programme()
    weeks, rows = attendance_by_week()
    parts = [
        ("s1", _("To start"), figures.to_start),
        ("s2", _("On track"), figures.on_track),
        ("s3", _("At risk"), figures.at_risk),
        ("s4", _("Completed"), figures.completed),
        ("s5", _("Not completed"), figures.not_completed),
    ]
    steps = [
        (_("Applied"), figures.applied),
        (_("Accepted"), figures.accepted),
        (_("Placed"), figures.placed),
        (_("Attending"), figures.attending),
        (_("At risk"), figures.at_risk),
        (_("Completed"), figures.completed),
        (_("Certified"), figures.certified),
    ]
    provinces: dict[str, Any] = dict(Trainee.Province.choices)
    context = {
        "figures": figures,
        "funnel": draw_funnel(steps, figures.target),
        "places": draw_places(parts),
        "parts": parts,
        "needs": list_needs(at=now),
        "weeks": weeks,
        "rows": rows[:14],
        "hidden": max(0, len(rows) - 14),
        "provinces": [_province(each, provinces) for each in split_by_province()],
        "now": now,
    }
    return render(request, "portal/manage/overview.html", context)


def _province(row: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
    possible = row["possible"] or 0
    return {
        "name": names.get(row["trainee__province"]) or _("Not known"),
        "places": row["places"],
        "women": row["women"] * 100 // row["places"],
        "attended": row["earned"] * 100 // possible if possible else None,
    }


class MessageFilter(django_filters.FilterSet):
    state = django_filters.ChoiceFilter(choices=Message.State.choices)
    search = django_filters.CharFilter(field_name="to", lookup_expr="icontains")

    class Meta:
        model = Message
        fields = ["state", "search"]


class MessageList(OfficeMixin, FilterView):
    """Every mail and what became of it."""

    template_name = "portal/manage/messages.html"
    filterset_class = MessageFilter
    paginate_by = 50

    def get_queryset(self) -> QuerySet[Message]:
        return Message.objects.order_by("-id")


@require_POST
def retry_messages(request: HttpRequest) -> HttpResponse:
    """Let the failed mails wait again."""
    if refusal := require_office(request):
        return refusal
    if not request.user.has_perm("trainees.change_message"):
        raise PermissionDenied
    count = retry_failed(by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%d mails wait again.") % count)
    return redirect("manage_messages")
