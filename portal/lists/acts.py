"""Acts on many rows: tried first, then done row by row, with every refusal by name.

A preview does the act and takes it back in one transaction, so that it says what would happen and not what a
second set of rules believes; the act itself has a transaction for each row.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from audit.models import AuditEntry
from audit.services import record
from portal.lists.cells import read
from trainees.models import Message, User

AT_ONCE = 200  # rows acted on while somebody waits; a preview holds its locks to the end
MOST = 5_000  # rows of one act: beyond `AT_ONCE` the worker does it (portal.lists.runs)
CHANGED = _lazy("It changed since you looked; look again.")
GONE = _lazy("It is not there any more.")


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
    fit: Callable[[Any, Collection[int]], None] = lambda form, ids: None  # the form's choices to the rows
    lock: Callable[[list[int], Mapping[str, Any]], None] = lambda ids, values: None  # for the preview, in id order
    is_dangerous: bool = False
    group: str = "pk"  # path to what rows share: those that share it are tried together, as they follow from each other
    most: int = MOST  # rows; fewer where all rows want the same few things


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
    outcome, trail = Outcome(), Trail()
    for pk, row in find(act, chosen).items():
        name = str(read(row, act.name)) if row is not None else _("A row that is gone")
        if reason := try_row(act, row, chosen[pk], values, by=by, at=at):
            outcome.refused.append((name, reason))
        else:
            outcome.done.append(name)
    outcome.effects, outcome.mails = trail.follow(by=by, at=at)
    return outcome


def find(act: Act, chosen: Iterable[int], seen: QuerySet[Any] | None = None) -> dict[int, Any]:
    """Return the rows as they are now, None for those that are gone or not in `seen`. One query."""
    assert act.rows is not None  # noqa: S101 - an act that leads elsewhere does nothing
    ids = list(chosen)
    rows = act.rows().filter(pk__in=ids if seen is None else seen.order_by().filter(pk__in=ids).values("pk"))
    found = {row.pk: row for row in rows}
    return {pk: found.get(pk) for pk in sorted(ids)}


def try_row(act: Act, row: Any, was: str, values: Mapping[str, Any], *, by: User, at: datetime) -> str:
    """Do the act for one row; return why not, or nothing when it is done."""
    assert act.do is not None  # noqa: S101 - an act that leads elsewhere does nothing
    if row is None:
        return str(GONE)
    if state_of(act, row) != was:
        return str(CHANGED)
    try:
        act.do(row, values, by=by, at=at)
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


class Trail:
    """Counts what the audit trail and the outbox gain from now on. Two queries."""

    def __init__(self) -> None:
        self.entry, self.mail = _last(AuditEntry), _last(Message)

    def follow(self, *, by: User, at: datetime) -> tuple[Counter[str], int]:
        """Return how often each act stands there since, by this person at this moment, and the mails. Two queries."""
        entries = AuditEntry.objects.filter(id__gt=self.entry, by=by, at=at)
        mails = Message.objects.filter(id__gt=self.mail, created_at=at)
        return Counter(entries.values_list("act", flat=True)), mails.count()


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
        raise too_many(AT_ONCE)
    return chosen


def too_many(most: int) -> ValidationError:
    text = _("More than %d rows are chosen, which is the most for this act at once. Narrow the filter.") % most
    return ValidationError(text, code="too_many")
