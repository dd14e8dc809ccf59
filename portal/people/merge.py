"""Two records of one person become one: everything that points at the second moves to the first (R44)."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Alias, Cohort, Enrolment
from trainees import notices
from trainees.models import Consent, ErasureRequest, FormerNumber, NameChange, Request, Trainee, User

# What the two records may say differently, in the order of the page; the office chooses which stays.
FIELDS = (
    *("full_name", "full_name_ur", "father_or_husband_name", "cnic", "email", "mobile", "date_of_birth", "gender"),
    *("category", "degree", "university", "graduation_year", "employer", "district", "province"),
)

LABELS = {"full_name_ur": "name in Urdu", "cnic": "CNIC", "email": "e-mail"}


class CannotMerge(ValidationError):
    """The two cannot be one: what stands in the way, a sentence for each."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__([ValidationError(reason, code="cannot_merge") for reason in reasons])


@dataclass(frozen=True)
class Difference:
    """One field of both records."""

    name: str
    label: str
    kept: Any
    other: Any
    differs: bool

    @property
    def chosen(self) -> str:
        """What stays unless the office says otherwise: the kept record's, or the only one there is."""
        return "other" if self.kept in ("", None) and self.other not in ("", None) else "kept"


def compare(kept: Trainee, other: Trainee) -> list[Difference]:
    """Return both records field by field."""
    return [_compare(name, getattr(kept, name), getattr(other, name)) for name in FIELDS]


def _compare(name: str, kept: Any, other: Any) -> Difference:
    label = LABELS.get(name) or str(getattr(Trainee._meta.get_field(name), "verbose_name", name))
    return Difference(name, label, kept, other, differs=kept != other)


def find_obstacles(kept: Trainee, other: Trainee) -> list[str]:
    """Say what forbids the merge; empty when nothing does. Two queries."""
    if kept.pk == other.pk:
        return [_("Both numbers are of the same record.")]
    if kept.erased_at or other.erased_at:
        return [_("The details of one of them were removed; nobody can tell that they are one person.")]
    reasons = []
    mine, theirs = (
        list(each.enrolments.exclude(status__in=Enrolment.LEFT).select_related("cohort").order_by("id"))
        for each in (kept, other)
    )
    if any(each.status in Enrolment.OPEN for each in mine) and any(each.status in Enrolment.OPEN for each in theirs):
        codes = ", ".join(each.cohort.code for each in (*mine, *theirs) if each.status in Enrolment.OPEN)
        reasons.append(_("Both have an open enrolment (%s); withdraw one first.") % codes)
    for code in sorted({each.cohort.code for each in mine} & {each.cohort.code for each in theirs}):
        reasons.append(_("Both are in %s; one person can be there only once.") % code)
    return reasons


@transaction.atomic
def merge_trainees(
    *, kept: Trainee, other: Trainee, choices: Mapping[str, str], by: User, at: datetime
) -> Counter[str]:
    """Move everything of `other` to `kept`, delete `other`, and leave its number behind as a way to `kept`.

    `choices` says "other" for each field of `FIELDS` whose value comes from the second record; the rest stays.
    Every relation to a trainee is found by itself, so nothing new is forgotten; one that cannot move undoes
    all. The person is told at every address. Raises CannotMerge. Returns what moved, by model. About thirty
    queries.
    """
    locked = Trainee.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=[kept.pk, other.pk])
    both = {each.pk: each for each in locked.select_related("user").order_by("pk")}
    kept, other = both[kept.pk], both[other.pk]
    if reasons := find_obstacles(kept, other):
        raise CannotMerge(reasons)
    taken = [name for name in FIELDS if choices.get(name) == "other" and getattr(kept, name) != getattr(other, name)]
    values, addresses = {name: getattr(other, name) for name in taken}, {kept.email, other.email}
    moved = _move_all(kept, other)
    account = _join_accounts(kept, other, values.get("email", kept.email))
    former, former_id = other.number, other.pk
    confirmed = other.email_confirmed_at if "email" in values else kept.email_confirmed_at
    other.delete()
    _write_values(kept, values, account, confirmed)
    FormerNumber.objects.create(number=former, trainee=kept, merged_at=at)
    detail = {"former": former, "former_id": former_id, "moved": dict(moved), "taken_over": taken}
    record(act="trainee.merge", by=by, at=at, subject=kept, detail=detail)
    notices.tell_merged(trainee=kept, former=former, to=addresses, at=at)
    return moved


def _write_values(kept: Trainee, values: Mapping[str, Any], account: User | None, confirmed: datetime | None) -> None:
    for name, value in values.items():
        setattr(kept, name, value)
    kept.user, kept.email_confirmed_at, kept.email_wanted = account, confirmed, ""
    kept.save(update_fields=[*values, "user", "email_confirmed_at", "email_wanted", "cnic_hash", "search_key"])


def _move_all(kept: Trainee, other: Trainee) -> Counter[str]:
    moved: Counter[str] = Counter()
    for relation in Trainee._meta.related_objects:
        model: Any = relation.related_model
        if resolve := RESOLVE.get(model):
            resolve(kept, other)
        rows = model._default_manager.filter(**{relation.field.name: other})
        try:
            with transaction.atomic():
                count = rows.update(**{relation.field.name: kept})
        except IntegrityError:
            text = _("What both have under “%s” cannot stand together; settle that first.")
            raise CannotMerge([text % model._meta.verbose_name_plural]) from None
        if count:
            moved[model._meta.label_lower] += count
    return moved


def _keep_earliest_consent(kept: Trainee, other: Trainee) -> None:
    """A version that both agreed to is kept once, with the earlier time (R76)."""
    given = {each.text_version: each for each in Consent.objects.filter(trainee=kept)}
    for each in Consent.objects.filter(trainee=other, text_version__in=given):
        if each.given_at < given[each.text_version].given_at:
            given[each.text_version].delete()
        else:
            each.delete()


def _settle_names(kept: Trainee, other: Trainee) -> None:
    """Only one change was by itself, and only one may wait: those of the second record give way."""
    changes = NameChange.objects.filter(trainee=other)
    if NameChange.objects.filter(trainee=kept, automatic=True).exists():
        changes.filter(automatic=True).update(automatic=False)
    _refuse_waiting(NameChange, kept, other)


def _settle_erasures(kept: Trainee, other: Trainee) -> None:
    _refuse_waiting(ErasureRequest, kept, other)


def _refuse_waiting(model: type[Request], kept: Trainee, other: Trainee) -> None:
    waiting = model._default_manager.filter(status=Request.Status.WAITING)
    if waiting.filter(trainee=kept).exists():
        found = waiting.filter(trainee=other)
        found.update(status=Request.Status.REFUSED, decided_at=models.F("requested_at"), note=_("asked twice"))


def _drop_double_aliases(kept: Trainee, other: Trainee) -> None:
    """A label confirmed for both is kept once (R29)."""
    Alias.objects.filter(trainee=other, key__in=Alias.objects.filter(trainee=kept).values("key")).delete()


RESOLVE: dict[type[models.Model], Callable[[Trainee, Trainee], None]] = {
    Alias: _drop_double_aliases,
    Consent: _keep_earliest_consent,
    NameChange: _settle_names,
    ErasureRequest: _settle_erasures,
}


def _join_accounts(kept: Trainee, other: Trainee, email: str) -> User | None:
    """Return the account that stays: the one of the address that stays, else the kept record's.

    The one left over is closed when it looks after nobody else and has no other work here.
    """
    accounts = [each.user for each in (kept, other) if each.user]
    if not accounts:
        return None
    stays = next((each for each in accounts if each.email == email), accounts[0])
    for account in accounts:
        if account != stays and not _is_needed(account, {kept.pk, other.pk}):
            account.is_active = False
            account.save(update_fields=["is_active"])
    return stays


def _is_needed(account: User, merged: set[int]) -> bool:
    others = Trainee.objects.filter(user=account).exclude(pk__in=merged).exists()
    return account.is_staff or others or Cohort.objects.taught_by(account).exists()
