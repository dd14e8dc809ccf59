"""Lists of mails and announcements."""

from collections.abc import Mapping
from typing import Any

import django_filters
from django.db.models import Count, QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cohorts.models import Announcement
from cohorts.permissions import can_announce
from cohorts.services.announcements import count_mails
from portal.lists import bulk_rest, cells
from portal.lists.shape import Asked, Column, OfficeList
from portal.mailbox import MessageFilter
from trainees.models import Message

STATE = {"sent": "hn-good", "failed": "hn-bad", "queued": "hn-info", "cancelled": "hn-quiet"}


class AnnouncementFilter(django_filters.FilterSet):
    search = django_filters.CharFilter(field_name="subject", lookup_expr="icontains", label=_("Subject"))
    cohort = django_filters.CharFilter(field_name="cohort__code", lookup_expr="iexact", label=_("Cohort"))
    state = django_filters.ChoiceFilter(choices=Announcement.State.choices, label=_("State"))

    class Meta:
        model = Announcement
        fields = ["search", "cohort", "state"]


def _to(row: Message) -> str:
    return row.trainee.full_name if row.trainee else row.to


def _address(row: Message) -> str:
    return row.to if row.trainee else ""


def _state_of_mail(row: Message) -> str:
    if row.state == Message.State.QUEUED and row.failure:
        return format_html('<span class="hn-chip hn-warn">{}</span>', _now("tried again"))
    return cells.chip(cells.words("state"), "state", STATE)(row)


def _when(row: Message) -> str:
    if row.state == Message.State.QUEUED and row.send_after:
        return _now("at %s") % cells.moment("send_after")(row)
    return cells.moment("sent_at")(row) or cells.moment("created_at")(row)


def _count_mails(rows: list[Any], shown: set[str]) -> None:
    mails = count_mails(rows)
    for each in rows:
        each.mails = mails.get(each.pk, {})


def _mails(state: str) -> cells.Cell:
    return lambda row: str(row.mails.get(state, 0))


def _state_of_announcement(row: Any) -> str:
    if row.state != Announcement.State.WRITTEN:
        tone, word = ("hn-info" if row.state == Announcement.State.WAITING else "hn-quiet"), row.get_state_display()
    elif row.mails.get("queued"):
        tone, word = "hn-info", _now("being sent")
    elif row.mails.get("failed"):
        tone, word = "hn-bad", _now("some failed")
    else:
        tone, word = "hn-good", _now("sent")
    return format_html('<span class="hn-chip {}">{}</span>', tone, word)


def _subject(row: Announcement) -> str:
    return format_html("<bdi>{}</bdi>", row.subject or row.subject_ur)


def _cohort(row: Announcement) -> str:
    return row.cohort.code if row.cohort else _now("a list")


def _counts(asked: Asked) -> dict[str, Any]:
    """Those that were sent are all but the others, which an index knows."""
    others = Message.objects.filter(state__in=[each for each in Message.State if each != Message.State.SENT])
    counted = dict(others.order_by().values_list("state").annotate(n=Count("id")))
    known = None if asked.filters else asked.known
    everything = Message.objects.count() if known is None else known
    counted[Message.State.SENT] = everything - sum(counted.values())
    counts = [(state, counted.get(state.value, 0)) for state in Message.State]
    return {"counts": counts, "may_act": asked.user.has_perm("trainees.change_message")}


def _mails_of(user: Any) -> QuerySet[Message]:
    return Message.objects.all()


def _count_of_state(user: Any, filters: Mapping[str, str]) -> int | None:
    """Return how many mails have a state, as an index knows; None for other filters. One query."""
    return Message.objects.filter(**filters).count() if filters.keys() == {"state"} else None


MESSAGES = OfficeList(
    name="messages",
    acts=bulk_rest.OF_MESSAGES,
    url="manage_messages",
    title=_("Messages"),
    lead=_("Every mail, written with its cause and sent once."),
    empty=_("No mail yet. Each place, change and certificate writes one."),
    filters=MessageFilter,
    rows=_mails_of,
    count=_count_of_state,
    whole=lambda found: found.defer("text", "html", "attachments").select_related("trainee"),
    context=_counts,
    template="portal/lists/messages.html",
    order=("-id",),
    columns=(
        Column("to", _("To"), "to", cells.lines(cells.link("manage_message", "pk", _to), _address)),
        Column("subject", _("Subject"), "subject", cells.lines(cells.text("subject"), cells.text("kind"))),
        Column("about", _("About"), "about", cells.unbroken(cells.text("about"))),
        Column("state", _("State"), "state", _state_of_mail),
        Column("when", _("When"), "created_at", _when),
        Column("kind", _("Kind"), "kind", usual=False),
        Column("sent", _("Sent"), "sent_at", cells.moment("sent_at"), usual=False),
        Column("attempts", _("Attempts"), "attempts", usual=False, number=True),
        Column("failure", _("Failure"), "failure", usual=False),
    ),
)

ANNOUNCEMENTS = OfficeList(
    name="announcements",
    url="announcements",
    title=_("Announcements"),
    lead=_("What was written to a cohort or a list, and how far its mails are."),
    empty=_("Nothing yet. Write to a cohort from its page, or to a list from the trainees."),
    filters=AnnouncementFilter,
    rows=lambda user: Announcement.objects.visible_to(user),
    whole=lambda found: found.select_related("cohort", "by"),
    prepare=_count_mails,
    context=lambda asked: {"may_write": can_announce(asked.user)},
    template="portal/lists/announcements.html",
    order=("-id",),
    parent=("manage_messages", _("Messages")),
    columns=(
        Column("subject", _("Subject"), "subject", cells.lines(cells.link("announcement", "pk", _subject), _cohort)),
        Column("by", _("By"), "by__full_name", cells.text("by.full_name")),
        Column("when", _("When"), "send_after", cells.moment("send_after")),
        Column("people", _("People"), "recipients", number=True),
        Column("sent", _("Sent"), cell=_mails("sent"), number=True),
        Column("failed", _("Failed"), cell=_mails("failed"), number=True),
        Column("state", _("State"), "state", _state_of_announcement),
    ),
)
