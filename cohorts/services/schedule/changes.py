"""Rescheduling: one act on one timetable, in one transaction with the mails that tell of it."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, Session, TimetableChange
from cohorts.services.enrolment import lock_cohort
from cohorts.services.schedule.outlook import Outlook, look_ahead
from cohorts.services.schedule.storing import store_drafts
from cohorts.services.schedule.telling import tell_change
from cohorts.services.schedule.wishes import CancelSession, Wish, read_wish, wish_as_json
from trainees.models import User


class ReasonMissing(ValidationError):
    def __init__(self) -> None:
        super().__init__({"reason": ValidationError(_("Say why; the reason goes into the mail."), code="required")})


def preview_change(*, cohort: Cohort, wish: Wish, at: datetime) -> Outlook:
    """Return what `wish` would do to the timetable of `cohort`, with its refusals. Seven queries."""
    return look_ahead(cohorts=[cohort], wish=wish, at=at)[0]


@transaction.atomic
def change_timetable(
    *, cohort: Cohort, wish: Wish, by: User | None, at: datetime, reason: str = "", forced: bool = False
) -> TimetableChange:
    """Do what `wish` asks: sessions, tallies, the record of the change and one mail to each person concerned.

    Sessions that have marks keep them and are flagged when their time changed (R8). `forced` lets sessions
    stand on holidays and needs a reason (R24). Raises the refusals of `look_ahead`, and ReasonMissing.
    About twenty statements whatever the number of sessions and people.
    """
    change = _asked(cohort, wish, by, at, reason)
    change.forced = forced
    if (forced or isinstance(wish, CancelSession)) and not change.reason:
        raise ReasonMissing
    return _carry_out(change, wish, at)


def _asked(cohort: Cohort, wish: Wish, by: User | None, at: datetime, reason: str) -> TimetableChange:
    """Return a change as it was asked for, not stored yet."""
    asked = {"kind": wish.kind, "wish": wish_as_json(wish), "reason": reason.strip()[:200]}
    return TimetableChange(cohort=cohort, by=by, created_at=at, **asked)


def carry_out(*, change_id: int, at: datetime) -> bool:
    """Do a change that waits for the worker. Return whether this call did it.

    The row's lock and its state make a second delivery harmless; a refusal is stored with its reason and
    changes nothing else.
    """
    with transaction.atomic():
        waiting = TimetableChange.objects.select_for_update(no_key=True, of=("self",))
        change = waiting.select_related("cohort", "by").filter(pk=change_id, state="waiting").first()
        if change is None:
            return False
        try:
            with transaction.atomic():
                _carry_out(change, read_wish(change.kind, change.wish), at)
        except ValidationError as error:
            change.state, change.failure = TimetableChange.State.FAILED, " ".join(error.messages)[:500]
            change.save(update_fields=["state", "failure"])
            return False
    return True


def waiting_changes() -> list[int]:
    """Return the ids of changes that the worker has still to do. One query."""
    waiting = TimetableChange.objects.filter(state=TimetableChange.State.WAITING)
    return list(waiting.order_by("id").values_list("id", flat=True))


def _carry_out(change: TimetableChange, wish: Wish, at: datetime) -> TimetableChange:
    cohort = _lock(change.cohort)
    outlook = look_ahead(cohorts=[cohort], wish=wish, at=at)[0]
    outlook.refuse(forced=change.forced)
    store_drafts(cohort=cohort, drafts=outlook.drafts, at=at)
    latest = cohort.timetable_changes.aggregate(latest=Max("edition"))["latest"] or 0
    change.cohort, change.edition, change.done_at = cohort, latest + 1, at
    change.state, change.failure = TimetableChange.State.DONE, ""
    change.lines = [draft.line.as_json() for draft in outlook.drafts if draft.before != draft.look]
    change.save()
    change.told = tell_change(change=change, at=at)
    change.save(update_fields=["told"])
    detail = {"kind": change.kind, "edition": change.edition, "sessions": len(change.lines), "reason": change.reason}
    record(act="timetable.change", by=change.by, at=at, subject=cohort, detail={**detail, "forced": change.forced})
    return change


def _lock(cohort: Cohort) -> Cohort:
    """Lock the cohort, then its sessions: the order in which a register is saved."""
    locked = lock_cohort(cohort)
    list(Session.objects.select_for_update(no_key=True).filter(cohort=cohort).order_by("id").values_list("id"))
    return locked
