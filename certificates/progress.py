"""How far a batch is: every certificate in one of four parts, the pace, what is left."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from certificates.models import Batch, Certificate
from certificates.rules import seconds_left
from trainees.models import Message

SQUARES = 60  # up to so many certificates have a square each, beyond that a bar
PARTS = ("issued", "drawing", "waiting", "failed")


@dataclass(frozen=True)
class Row:
    """One certificate of a batch as its page lists it."""

    code: str
    name: str
    serial: str
    part: str
    issued_at: datetime | None
    failure: str
    is_mailed: bool


def follow(batch: Batch, at: datetime) -> dict[str, Any]:
    """Return the parts of a batch, its pace and its certificates. Two queries, whatever their number."""
    found = list(batch.certificates.defer("printed").order_by("id"))
    keys = {f"certificate-{each.pk}-issued-{each.edition}" for each in found}
    mailed = set(Message.objects.filter(key__in=keys, state=Message.State.SENT).values_list("key", flat=True))
    rows = [_row(each, f"certificate-{each.pk}-issued-{each.edition}" in mailed, at) for each in found]
    counts = {part: sum(row.part == part for row in rows) for part in PARTS}
    remaining = counts["drawing"] + counts["waiting"]
    is_held = batch.paused_at is not None
    return {
        **counts,
        "total": len(rows),
        "percent": counts["issued"] * 100 // len(rows) if rows else 0,
        "mailed": len(mailed),
        "certificates": rows,
        "failures": [row for row in rows if row.part == "failed"][:20],
        "squares": rows if len(rows) <= SQUARES else [],
        "is_held": is_held,
        "running": counts["drawing"] > 0 or (counts["waiting"] > 0 and not is_held),
        "seconds_left": None
        if is_held
        else seconds_left([each.issued_at for each in found if each.issued_at], remaining),
    }


def _row(certificate: Certificate, is_mailed: bool, at: datetime) -> Row:
    return Row(
        code=certificate.code,
        name=certificate.name,
        serial=certificate.serial,
        part=_part(certificate, at),
        issued_at=certificate.issued_at,
        failure=certificate.failure,
        is_mailed=is_mailed,
    )


def _part(certificate: Certificate, at: datetime) -> str:
    if certificate.state == Certificate.State.FAILED:
        return "failed"
    if certificate.state != Certificate.State.PENDING:
        return "issued"
    is_held = certificate.claimed_until is not None and certificate.claimed_until > at
    return "drawing" if is_held and certificate.claim_token and not certificate.failure else "waiting"
