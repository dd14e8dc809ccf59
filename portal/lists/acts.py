"""Acts on many rows: tried first, then done row by row, with every refusal by name.

A preview does the act and takes it back in one transaction, so that it says what would happen and not what a
second set of rules believes; the act itself has a transaction for each row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _

from audit.models import AuditEntry
from audit.services import record
from portal.lists.cells import read
from trainees.models import Message, User

AT_ONCE = 200  # rows of one act: it runs while somebody waits, and a preview holds its locks to the end


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act on chosen rows. With `leads_to` it only carries the choice to another page."""

    key: str
    verb: Any  # on the bar
    icon: str
    may: Callable[[Any], bool]
    leads_to: str = ""  # the name of an address that takes `ids`, or the list's own filters
    button: Callable[[int], str] = str  # with the number, as "Withdraw 12 people"
    rows: Callable[[], QuerySet[Any]] | None = None  # with what `do` needs
    state: tuple[str, ...] = ()  # what a preview rests on: a row whose values differ later is passed over
    name: str = "pk"  # path to what a person calls the row
    do: Callable[..., Any] | None = None  # (row, values, by=, at=): one service call, atomic by itself
    form: Any = None  # what has to be said first
    lock: Callable[[list[int], Mapping[str, Any]], None] = lambda ids, values: None  # for the preview, in id order
    is_dangerous: bool = False


@dataclass
class Outcome:
    """What an act did, or would do."""

    done: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)  # name and reason
    effects: Counter[str] = field(default_factory=Counter)  # acts in the audit trail
    mails: int = 0


def choose(act: Act, rows: QuerySet[Any]) -> dict[int, str]:
    """Return the state of each row as it stands now. One query."""
    assert act.rows is not None  # noqa: S101 - an act that leads elsewhere chooses nothing
    found = act.rows().filter(pk__in=rows.order_by().values("pk")).order_by("pk")
    return {each.pk: state_of(act, each) for each in found}


def state_of(act: Act, row: Any) -> str:
    return "/".join("_".join(str(read(row, path)).split()) for path in act.state)


def preview_act(*, act: Act, chosen: Mapping[int, str], values: Mapping[str, Any], by: User, at: datetime) -> Outcome:
    """Do the act and take it back: who would be refused and why, and everything that would follow."""
    with transaction.atomic():
        act.lock(sorted(chosen), values)
        outcome = _do(act, chosen, values, by, at)
        transaction.set_rollback(True)
    return outcome


def carry_out(*, act: Act, chosen: Mapping[int, str], values: Mapping[str, Any], by: User, at: datetime) -> Outcome:
    """Do the act for each row in a transaction of its own, and record that many were acted on at once.

    A row that changed since it was chosen, or that the service refuses, is passed over and named.
    """
    outcome = _do(act, chosen, values, by, at)
    with transaction.atomic():
        detail = {"act": act.key, "done": len(outcome.done), "refused": len(outcome.refused)}
        record(act="list.act", by=by, at=at, subject=by, detail=detail)
    return outcome


def _do(act: Act, chosen: Mapping[int, str], values: Mapping[str, Any], by: User, at: datetime) -> Outcome:
    assert act.rows is not None  # noqa: S101 - an act that leads elsewhere does nothing
    assert act.do is not None  # noqa: S101
    outcome = Outcome()
    entries, mails = _last(AuditEntry), _last(Message)
    found = act.rows().filter(pk__in=list(chosen)).order_by("pk")
    for row in found:
        name = str(read(row, act.name))
        if state_of(act, row) != chosen[row.pk]:
            outcome.refused.append((name, _("It changed since you looked; look again.")))
            continue
        try:
            act.do(row, values, by=by, at=at)
        except ValidationError as error:
            outcome.refused.append((name, " ".join(error.messages)))
        else:
            outcome.done.append(name)
    gone = len(chosen) - len(outcome.done) - len(outcome.refused)
    outcome.refused += [(_("A row that is gone"), _("It is not there any more."))] * gone
    outcome.effects = Counter(AuditEntry.objects.filter(id__gt=entries, by=by, at=at).values_list("act", flat=True))
    outcome.mails = Message.objects.filter(id__gt=mails, created_at=at).count()
    return outcome


def _last(model: type[Model]) -> int:
    manager: Any = model._default_manager
    return manager.order_by("-id").values_list("id", flat=True).first() or 0


def write_chosen(chosen: Mapping[int, str]) -> str:
    """Return the choice as text for a form, `12:enrolled/5 13:waitlisted/5`."""
    return " ".join(f"{pk}:{state}" for pk, state in chosen.items())


def read_chosen(text: str) -> dict[int, str]:
    """Read what `write_chosen` wrote. Raises ValidationError when it is something else, or too much."""
    pairs: Iterable[tuple[str, str, str]] = (each.partition(":") for each in text.split())
    chosen = {}
    for pk, _colon, state in pairs:
        if not (pk.isascii() and pk.isdecimal() and len(pk) < 19):
            raise ValidationError(_("The choice cannot be read; choose the rows again."), code="chosen")
        chosen[int(pk)] = state
    if len(chosen) > AT_ONCE:
        raise too_many(len(chosen))
    return chosen


def too_many(count: int) -> ValidationError:
    text = _("%(count)d rows are chosen, and at most %(most)d can be acted on at once. Narrow the filter.")
    return ValidationError(text % {"count": count, "most": AT_ONCE}, code="too_many")
