"""Mails for the office: how their list is narrowed, one read, sent again, taken back."""

import django_filters
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from cohorts.filters import ChosenFilter
from cohorts.views.manage import require_office
from trainees.finding import Meant, SearchFilterSet, find_beginning, find_people
from trainees.models import Message
from trainees.services.messages import cancel_message, retry_failed

# From one kind to the next by the index: reading every mail for a dozen words costs more than the page.
KINDS = """
WITH RECURSIVE found(kind) AS (
    SELECT MIN(kind) FROM trainees_message UNION ALL
    SELECT (SELECT MIN(kind) FROM trainees_message WHERE kind > found.kind) FROM found WHERE kind IS NOT NULL
) SELECT kind FROM found WHERE kind <> ''
"""


def list_kinds() -> list[tuple[str, str]]:
    """Return the kinds of mails that there are, as choices. One query."""
    with connection.cursor() as cursor:
        cursor.execute(KINDS)
        return [(kind, kind) for (kind,) in cursor.fetchall()]


class MessageFilter(SearchFilterSet, ChosenFilter):
    finds = gettext_lazy(
        "A name is found by the first letters of its words, in any spelling; a number by its beginning or end; "
        "an address by its beginning, with @."
    )
    search = django_filters.CharFilter(method="find", label=gettext_lazy("Name, number or address"))
    state = django_filters.ChoiceFilter(choices=Message.State.choices, label=gettext_lazy("State"))
    kind = django_filters.ChoiceFilter(choices=list_kinds, label=gettext_lazy("Kind"))
    about = django_filters.CharFilter(method="of_cohort", label=gettext_lazy("Cohort"))
    cause = django_filters.CharFilter(method="of_one_act", label=gettext_lazy("Act"))

    class Meta:
        model = Message
        fields = ["search", "state", "kind", "about", "cause"]

    def read(self, value: str) -> Meant:
        """By an address, from its beginning, by number, or by a name in any spelling."""
        return find_beginning("to", value.lower()) if "@" in value else find_people(value, "trainee__")

    def of_cohort(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return queryset.filter(about__in={value, value.upper()})

    def of_one_act(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return queryset.filter(cause=value)


@require_GET
def show_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail with its text, for those who may read it. Its HTML is not drawn: a mail's styles are its own."""
    if refusal := require_office(request):
        return refusal
    message = get_object_or_404(Message.objects.select_related("trainee"), pk=pk)
    context = {
        "message_row": message,
        "may_read": request.user.has_perm("trainees.read_message"),
        "may_act": request.user.has_perm("trainees.change_message"),
        "waits": message.state == Message.State.QUEUED,
    }
    return render(request, "portal/manage/message.html", context)


@require_POST
def retry_messages(request: HttpRequest) -> HttpResponse:
    """Let the failed mails wait again."""
    _may_act(request)
    count = retry_failed(by=request.user, at=timezone.now())  # type: ignore[arg-type]
    messages.success(request, _("%d mails wait again.") % count)
    return redirect("manage_messages")


@require_POST
def retry_message(request: HttpRequest, pk: int) -> HttpResponse:
    """Let one failed mail wait again."""
    _may_act(request)
    message = get_object_or_404(Message, pk=pk)
    count = retry_failed(by=request.user, at=timezone.now(), message=message)  # type: ignore[arg-type]
    messages.success(request, _("%d mails wait again.") % count)
    return redirect("manage_message", pk)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one mail back that has not gone out."""
    _may_act(request)
    try:
        cancel_message(message=get_object_or_404(Message, pk=pk), by=request.user, at=timezone.now())  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The mail is cancelled."))
    return redirect("manage_message", pk)


def _may_act(request: HttpRequest) -> None:
    if not (request.user.is_authenticated and request.user.has_perm("trainees.change_message")):
        raise PermissionDenied
