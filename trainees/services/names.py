"""The names that certificates print: free until a cohort has started, then by request (R57)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record
from trainees import notices
from trainees.models import NameChange, Trainee, User
from trainees.rules import clean_text, is_slip, read_name, read_name_ur, require

Status = NameChange.Status


class RequestWaits(ValidationError):
    """One request at a time: the earlier one is not decided yet."""

    def __init__(self) -> None:
        super().__init__(_("Your earlier request is not decided yet; wait for the answer."), code="request_waits")


class AlreadyDecided(ValidationError):
    """A request is decided once."""

    def __init__(self) -> None:
        super().__init__(_("This request was decided already."), code="already_decided")


@transaction.atomic
def change_name(
    *, trainee: Trainee, names: tuple[str, str], reason: str, has_started: bool, by: User, at: datetime
) -> NameChange | None:
    """Change the Latin and the Urdu name of a person, or ask for it; None when nothing would change.

    Before a cohort has started it counts at once; `has_started` is for the caller to know. After that a slip
    of one or two letters is approved by itself once per person, and anything else waits for the office (R57).
    Certificates already issued keep theirs (R52). Raises RequestWaits, and ValidationError for what is no name
    or lacks a reason. At most six queries.
    """
    locked = Trainee.objects.select_for_update(no_key=True).get(pk=trainee.pk)
    change = NameChange(trainee=locked, reason=_reason(reason), requested_at=at, requested_by=by)
    change.old_name, change.old_name_ur = locked.full_name, locked.full_name_ur
    change.new_name, change.new_name_ur = _read_names(names)
    if (change.new_name, change.new_name_ur) == (change.old_name, change.old_name_ur):
        return None
    if NameChange.objects.filter(trainee=locked, status=Status.WAITING).exists():
        raise RequestWaits
    if has_started and not change.reason:
        raise ValidationError({"reason": ValidationError(_("Say why the name must change."), code="required")})
    change.automatic = has_started and _is_automatic(change)
    if not has_started or change.automatic:
        change.status, change.decided_at = Status.APPROVED, at
        _apply(change, trainee)
    change.save(force_insert=True)
    record(act="trainee.name", by=by, at=at, subject=locked, detail={"change": change.pk, "status": change.status})
    if change.automatic:
        notices.tell_name_decided(change=change, at=at)
    return change


@transaction.atomic
def decide_name_change(*, change: NameChange, approve: bool, note: str, by: User, at: datetime) -> NameChange:
    """Approve or refuse a change that waits; the person is told either way. Raises AlreadyDecided. Five queries."""
    current = NameChange.objects.select_for_update(no_key=True, of=("self",)).select_related("trainee__user")
    decided = current.get(pk=change.pk)
    if decided.status != Status.WAITING:
        raise AlreadyDecided
    decided.status = Status.APPROVED if approve else Status.REFUSED
    decided.decided_at, decided.decided_by, decided.note = at, by, _reason(note)
    if not approve and not decided.note:
        raise ValidationError({"note": ValidationError(_("Say why, so that the person knows."), code="required")})
    decided.save(update_fields=["status", "decided_at", "decided_by", "note"])
    if approve:
        _apply(decided, decided.trainee)
    detail = {"change": decided.pk, "status": decided.status}
    record(act="trainee.name", by=by, at=at, subject=decided.trainee, detail=detail)
    notices.tell_name_decided(change=decided, at=at)
    return decided


@transaction.atomic
def correct_name(
    *, trainee: Trainee, full_name: str | None = None, full_name_ur: str | None = None, by: User | None, at: datetime
) -> Trainee:
    """Put the names right that certificates will print, those that are given; what was issued keeps its own (R52).

    The office's own act, as when a name cannot be printed. Raises ValidationError for what is no name. Three queries.
    """
    change = NameChange(trainee=trainee, requested_at=at, requested_by=by, decided_at=at, decided_by=by)
    change.old_name, change.old_name_ur = trainee.full_name, trainee.full_name_ur
    change.new_name = trainee.full_name if full_name is None else require(read_name(full_name))
    change.new_name_ur = trainee.full_name_ur if full_name_ur is None else require(read_name_ur(full_name_ur))
    change.status = Status.APPROVED
    change.save(force_insert=True)
    _apply(change, trainee)
    record(act="trainee.name", by=by, at=at, subject=trainee, detail={"change": change.pk, "status": change.status})
    return trainee


def _read_names(names: tuple[str, str]) -> tuple[str, str]:
    errors, read = {}, []
    for field, typed, reader in (("full_name", names[0], read_name), ("full_name_ur", names[1], read_name_ur)):
        try:
            read.append(require(reader(typed)))
        except ValidationError as error:
            errors[field] = error
    if errors:
        raise ValidationError(errors)
    return read[0], read[1]


def _is_automatic(change: NameChange) -> bool:
    """A slip in either name, and none approved by itself before. One query."""
    latin = is_slip(change.old_name, change.new_name)
    urdu = change.old_name_ur == change.new_name_ur or is_slip(change.old_name_ur, change.new_name_ur)
    return latin and urdu and not NameChange.objects.filter(trainee=change.trainee, automatic=True).exists()


def _apply(change: NameChange, trainee: Trainee) -> None:
    trainee.full_name, trainee.full_name_ur = change.new_name, change.new_name_ur
    trainee.save(update_fields=["full_name", "full_name_ur", "search_key"])


def _reason(text: str) -> str:
    reason = clean_text(text)
    if len(reason) > 500:
        raise ValidationError({"reason": ValidationError(_("At most 500 characters."), code="too_long")})
    return reason
