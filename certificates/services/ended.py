"""Telling who began batches that they have ended, so that nobody has to watch a page."""

from collections import defaultdict
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from certificates.models import Batch, Certificate
from trainees.models import User
from trainees.services.messages import queue_message


def tell_ended(*, at: datetime) -> int:
    """Write one mail to each person all of whose batches have ended; what is on hold is not waited for.

    Return how many were told. One query when nothing ended; may run twice without harm.
    """
    waiting = Certificate.objects.filter(batch=OuterRef("pk"), state=Certificate.State.PENDING)
    untold: Any = Batch.objects.filter(told_at=None).exclude(by=None).annotate(is_running=Exists(waiting))
    by_person: dict[User, list[Any]] = defaultdict(list)
    for batch in untold.select_related("by", "cohort").order_by("id"):
        if not (batch.is_running and batch.paused_at):
            by_person[batch.by].append(batch)
    ended = {who: batches for who, batches in by_person.items() if not any(each.is_running for each in batches)}
    return sum(_tell(who, batches, at) for who, batches in ended.items())


@transaction.atomic
def _tell(who: User, batches: list[Any], at: datetime) -> bool:
    """Note the batches as told and queue the mail, unless another caller was first. Three queries."""
    ids = [each.pk for each in batches]
    if Batch.objects.filter(pk__in=ids, told_at=None).update(told_at=at) != len(ids):
        transaction.set_rollback(True)
        return False
    failed = Count("certificates", filter=Q(certificates__state=Certificate.State.FAILED))
    rows = Batch.objects.filter(pk__in=ids).annotate(failed=failed).select_related("cohort").order_by("id")
    total, missing = sum(each.total for each in rows), sum(each.failed for each in rows)
    with translation.override(who.language):
        context = {"rows": rows, "issued": total - missing, "failed": missing, "site": settings.SITE_URL}
        queue_message(
            key=f"batches-{ids[0]}-{ids[-1]}-ended-{at:%Y%m%d%H%M%S}",
            to=who.email,
            subject=_subject(total - missing, missing),
            text=render_to_string("emails/batches_ended.txt", context),
            html=render_to_string("emails/batches_ended.html", context),
            kind="batches_ended",
            language=who.language,
            at=at,
        )
    return True


def _subject(issued: int, failed: int) -> str:
    made = ngettext("%(n)d certificate is made", "%(n)d certificates are made", issued) % {"n": issued}
    return _("%(made)s, %(n)d failed") % {"made": made, "n": failed} if failed else made
