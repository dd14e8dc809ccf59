"""The overview of the programme office, and the outbox."""

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
from portal.overview import build_overview
from trainees.models import Message
from trainees.services.messages import retry_failed


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Where everybody stands, why, and what to do next. At most fifteen queries, whatever the size."""
    if refusal := require_office(request):
        return refusal
    return render(request, "portal/manage/overview.html", build_overview(request.GET, at=timezone.now()))


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
