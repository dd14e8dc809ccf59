"""Taking over certificates that were made elsewhere before, so that they verify too."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from certificates.imports import OldRow
from certificates.models import Certificate
from certificates.rules import Printed
from certificates.services.issue import free_indices
from certificates.services.life import revoke_certificate
from courses.models import Programme
from trainees.models import User

TEMPLATE = "elsewhere"


@dataclass(frozen=True)
class Verdict:
    """What became of a row: created, updated, unchanged, duplicates or rejected, and why."""

    row: OldRow
    verdict: str
    message: str = ""


@transaction.atomic
def import_old_certificates(
    *, rows: list[OldRow], by: User | None, at: datetime, dry_run: bool = False
) -> list[Verdict]:
    """Create what is new; say of each row what became of it. Running it again changes nothing.

    What stands is never rewritten (R52): a row that says something else is rejected, but one that is revoked in
    a later file is revoked here. Queries: four, and four more per revocation.
    """
    programme = Programme.objects.latest_first().first()
    rows = [_with_issuer(row, programme) for row in rows]
    standing = _standing([row.code for row in rows])
    seen: dict[str, OldRow] = {}
    verdicts = [_judge(row, seen, standing.get(row.code)) for row in rows]
    if dry_run:
        return verdicts
    _create([each.row for each in verdicts if each.verdict == "created"], at)
    for each in verdicts:
        if each.verdict == "updated":
            _revoke(standing[each.row.code], each.row, by, at)
    counts = Counter(each.verdict for each in verdicts)
    if programme is not None and counts["created"]:
        record(act="certificates.import", by=by, at=at, subject=programme, detail=dict(counts))
    return verdicts


def _with_issuer(row: OldRow, programme: Programme | None) -> OldRow:
    """Fill in who issued it from the running programme, where the file does not say."""
    ours = {"programme": programme.title, "organisation": programme.organisation} if programme else {}
    return replace(row, texts={**row.texts, **{name: row.texts[name] or text for name, text in ours.items()}})


def _standing(codes: list[str]) -> dict[str, Certificate]:
    found: dict[str, Certificate] = {}
    for start in range(0, len(codes), 500):
        found |= {each.code: each for each in Certificate.objects.filter(code__in=codes[start : start + 500])}
    return found


def _judge(row: OldRow, seen: dict[str, OldRow], standing: Certificate | None) -> Verdict:
    if row.problem:
        return Verdict(row, "rejected", row.problem)
    if (first := seen.setdefault(row.code, row)) is not row:
        if _facts(first) == _facts(row) and first.is_revoked == row.is_revoked:
            return Verdict(row, "duplicates", _("stands in line %(line)d already") % {"line": first.line})
        return Verdict(row, "rejected", _("line %(line)d has this serial with other facts") % {"line": first.line})
    if standing is None:
        return Verdict(row, "created")
    if standing.imported_at is None:
        return Verdict(row, "rejected", _("this serial is the code of a certificate that was made here"))
    if different := [name for name, fact in _facts(row).items() if standing.printed.get(name) != fact]:
        text = _(
            "was imported with another %(fields)s; what was issued does not change: revoke it, then import the new one"
        )
        return Verdict(row, "rejected", text % {"fields": ", ".join(different)})
    return _judge_state(row, standing)


def _judge_state(row: OldRow, standing: Certificate) -> Verdict:
    if row.is_revoked and standing.state == Certificate.State.ISSUED:
        return Verdict(row, "updated", _("revoked"))
    if not row.is_revoked and standing.state != Certificate.State.ISSUED:
        return Verdict(row, "rejected", _("it is revoked here; a revocation cannot be taken back"))
    return Verdict(row, "unchanged")


def _facts(row: OldRow) -> dict[str, object]:
    """The printed facts of a row, as a certificate keeps them."""
    texts = {name: row.texts[name] for name in ("serial", "name", "name_ur", "course", "programme", "organisation")}
    days = {name: _iso(row, name) for name in ("starts_on", "ends_on", "issued_on", "valid_until")}
    return {**texts, "cohort": row.texts["cohort"], "contact_hours": row.contact_hours, **days}


def _iso(row: OldRow, name: str) -> str:
    day = row.dates[name]
    return day.isoformat() if day else ""


def _create(rows: list[OldRow], at: datetime) -> None:
    indices = free_indices(len(rows))
    made = [_certificate(row, index, at) for row, index in zip(rows, indices, strict=True)]
    Certificate.objects.bulk_create(made, batch_size=200)


def _certificate(row: OldRow, index: int, at: datetime) -> Certificate:
    address = f"{settings.SITE_URL}/c/{row.code}/"
    printed = Printed(
        code=row.code,
        verify_url=address,
        course_code="",
        time_zone=settings.TIME_ZONE,
        **_facts(row),  # type: ignore[arg-type]
    )
    ended = {"revoked_at": _midnight(row, "revoked_on") or at, "revocation_reason": row.texts["reason"].casefold()}
    return Certificate(
        code=row.code,
        serial=row.texts["serial"],
        status_index=index,
        state=Certificate.State.REVOKED if row.is_revoked else Certificate.State.ISSUED,
        name=printed.name,
        printed=printed.as_json(),
        template_version=TEMPLATE,
        policy_version=0,
        expires_on=row.dates["valid_until"],
        imported_at=at,
        created_at=at,
        issued_at=_midnight(row, "issued_on") or at,
        **(ended if row.is_revoked else {}),
    )


def _midnight(row: OldRow, name: str) -> datetime | None:
    day = row.dates[name]
    return datetime.combine(day, time(), ZoneInfo(settings.TIME_ZONE)).astimezone(UTC) if day else None


def _revoke(certificate: Certificate, row: OldRow, by: User | None, at: datetime) -> None:
    reason = row.texts["reason"].casefold()
    revoke_certificate(certificate=certificate, reason=reason, note=_("by an imported file"), by=by, at=at)
