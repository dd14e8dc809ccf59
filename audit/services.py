"""The one door to the audit table."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from audit.models import AuditEntry


def record(
    *,
    act: str,
    by: AbstractBaseUser | None,
    at: datetime,
    subject: models.Model,
    detail: dict[str, Any] | None = None,
) -> AuditEntry:
    """Write down one act inside the caller's transaction. One query.

    `detail` holds plain values and never an identity number, phone or birth date.
    """
    entry = AuditEntry(
        at=at,
        by_id=by.pk if by is not None else None,
        act=act,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        detail=detail or {},
    )
    entry.seal = seal_of(entry)
    entry.save(force_insert=True)
    return entry


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[Any]]:
    """Return what differs as {name: [old, new]} in plain values, for the detail of an act. No query."""
    return {
        name: [_plain(before.get(name)), _plain(value)] for name, value in after.items() if before.get(name) != value
    }


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"  # in the zone in which the caller gives it
    return [_plain(each) for each in value] if isinstance(value, list | tuple) else str(value)


def seal_of(entry: AuditEntry) -> str:
    """Return the keyed hash over everything an entry says; who lacks the key cannot forge one."""
    said = [
        entry.at.astimezone(UTC).isoformat(),
        entry.by_id,
        entry.act,
        entry.subject_type,
        entry.subject_id,
        entry.detail,
    ]
    text = json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hmac.new(settings.SECRET_KEY.encode(), text.encode(), hashlib.sha256).hexdigest()
