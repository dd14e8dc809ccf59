"""A long list as a file: asked for by the office, made by the worker, taken away, deleted after a week."""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from audit.services import record
from portal.export.sheets import write_csv, write_xlsx
from portal.files import write_whole
from portal.lists.catalogue import LISTS
from portal.lists.shape import Asked
from portal.models import Export
from trainees.models import User
from trainees.services.messages import queue_message

KEPT = timedelta(days=7)
ATTEMPTS = 3
WRITERS: dict[str, Any] = {Export.Kind.CSV: write_csv, Export.Kind.XLSX: write_xlsx}
PRIVATE = {"search"}  # what was typed may be a name


class ClaimLost(Exception):
    """Another worker makes this file now."""


@transaction.atomic
def request_export(*, name: str, kind: str, query: str, total: int, by: User, at: datetime) -> Export:
    """Ask for a list with the filters of its address; the worker is told after the commit.

    While the same one of the same person is in work, that one is returned. Two queries.
    """
    wanted = {"list": name, "kind": kind, "query": query, "by": by}
    if (standing := Export.objects.filter(**wanted, state=Export.State.WAITING).first()) is not None:
        return standing
    export = Export.objects.create(**wanted, total=total, created_at=at)
    transaction.on_commit(lambda: ring(export.pk), robust=True)
    return export


def make_export(*, export_id: int, clock: Callable[[], datetime]) -> bool:
    """Write one file if this caller wins its claim; return whether it is ready.

    It gets its name when it is whole, before the row says so. Each part of some thousand rows renews the claim,
    so a long list may take its time; after three attempts it is failed. Whoever may no longer see a row does
    not get it: rows are those that the person may see now.
    """
    token = secrets.token_hex(16)
    if not _claim(export_id, token, clock()):
        return False
    export = Export.objects.select_related("by").get(pk=export_id)
    held = Export.objects.filter(pk=export_id, claim_token=token, state=Export.State.WAITING)
    office_list = LISTS[export.list]
    if export.attempts > ATTEMPTS or not office_list.may_see(export.by):
        held.update(state=Export.State.FAILED)
        return False
    asked = Asked(office_list, export.by, QueryDict(export.query))
    written = 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal written
        for part in asked.read_in_parts():
            yield from part
            written += len(part)
            if not held.update(done=written, claimed_until=_lease(clock())):
                raise ClaimLost

    size = write_whole(export.path, lambda file: WRITERS[export.kind](file, asked.head, rows()))
    with transaction.atomic():
        if not held.update(state=Export.State.READY, ready_at=clock(), size=size, done=written, claimed_until=None):
            return False
        record_export(asked, export.kind, rows=written, by=export.by, at=clock())
        _tell(export, clock())
    return True


def record_export(asked: Asked, kind: str, *, rows: int, by: Any, at: datetime) -> None:
    """Write down who took which list, with its fields, filters and number of rows. One query."""
    filters = {key: value for key, value in asked.filters.items() if key not in PRIVATE}
    detail = {"list": asked.list.name, "kind": kind, "fields": asked.head, "rows": rows, "filters": filters}
    record(act="list.export", by=by, at=at, subject=by, detail=detail)


@transaction.atomic
def note_download(*, export: Export, by: Any, at: datetime) -> None:
    """Write down that the file was taken away. One query."""
    record(act="export.download", by=by, at=at, subject=export, detail={"list": export.list, "rows": export.done})


def due_exports(*, at: datetime) -> list[int]:
    """Return those that nobody is making. One query."""
    return list(
        Export.objects.filter(_free(at), state=Export.State.WAITING).order_by("id").values_list("pk", flat=True)
    )


def delete_old_exports(*, at: datetime) -> int:
    """Delete files older than a week, and what was searched for; the rows stay. Return how many."""
    old = list(Export.objects.filter(state=Export.State.READY, ready_at__lt=at - KEPT))
    for export in old:
        export.path.unlink(missing_ok=True)
    found = Export.objects.filter(pk__in=[each.pk for each in old])
    return found.update(state=Export.State.DELETED, query="")


def ring(export_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("portal.tasks.make_export", kwargs={"export_id": export_id})


def _free(at: datetime) -> Q:
    return Q(claimed_until__isnull=True) | Q(claimed_until__lt=at)


def _lease(at: datetime) -> datetime:
    return at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)


def _claim(export_id: int, token: str, at: datetime) -> bool:
    waiting = Export.objects.filter(_free(at), pk=export_id, state=Export.State.WAITING)
    return waiting.update(claim_token=token, claimed_until=_lease(at), attempts=F("attempts") + 1, done=0) == 1


def _tell(export: Export, at: datetime) -> None:
    """Tell the person where the file lies; what is in it stays behind the sign-in."""
    words = {"site": settings.SITE_URL, "export": export}
    queue_message(
        key=f"export:{export.pk}",
        to=export.by.email,
        kind="export",
        subject=_("Your list is ready"),
        text=render_to_string("emails/export.txt", words),
        html=render_to_string("emails/export.html", words),
        at=at,
    )
