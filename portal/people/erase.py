"""Removing what is known of a person: values are overwritten, the facts of certificates and attendance stay (R77)."""

from collections import Counter
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _
from rest_framework.authtoken.models import Token

from admissions.models import Application
from audit.services import record
from certificates.models import Certificate
from cohorts.models import Alias, Cohort, Enrolment, ReportPerson
from cohorts.services.meetings import forget_trainee
from trainees import notices
from trainees.models import ErasureRequest, Message, NameChange, Trainee, User
from trainees.services.names import AlreadyDecided

ERASED = "(removed)"
KEPT = {"number", "gender", "province", "category"}  # figures of the programme; they point at nobody alone
SEPARATELY = (Alias, Application, Certificate, Enrolment, ErasureRequest, Message, NameChange, ReportPerson)
MACHINE = {"key", "claim_token", "channel", "failure", "code", "source", "how"}
NAMED = {"name", "email", "alias", "label", "mark", "reason", "text"}  # free text also where it may not be empty


class StillEnrolled(ValidationError):
    """While a place is held the details are needed."""

    def __init__(self) -> None:
        text = _("This person still has a place or waits for one; it must be given back first.")
        super().__init__(text, code="still_enrolled")


@transaction.atomic
def decide_erasure(*, request: ErasureRequest, approve: bool, note: str, by: User, at: datetime) -> ErasureRequest:
    """Approve or refuse an erasure; the person is told either way. Raises AlreadyDecided, StillEnrolled."""
    locked = ErasureRequest.objects.select_for_update(no_key=True, of=("self",)).select_related("trainee__user")
    current = locked.get(pk=request.pk)
    if current.status != ErasureRequest.Status.WAITING:
        raise AlreadyDecided
    if not approve and not note.strip():
        raise ValidationError({"note": ValidationError(_("Say why, so that the person knows."), code="required")})
    trainee, name, to = current.trainee, current.trainee.full_name, current.trainee.email
    if approve:
        erase_person(trainee=trainee, by=by, at=at)
    current.status = ErasureRequest.Status.APPROVED if approve else ErasureRequest.Status.REFUSED
    current.decided_at, current.decided_by, current.note = at, by, note.strip()[:500]
    current.reason = "" if approve else current.reason
    current.save(update_fields=["status", "decided_at", "decided_by", "note", "reason"])
    record(act="erasure.decide", by=by, at=at, subject=current, detail={"status": current.status})
    notices.tell_erasure_decided(request=current, to=to, name=name, at=at)
    return current


@transaction.atomic
def erase_person(*, trainee: Trainee, by: User | None, at: datetime) -> Counter[str]:
    """Overwrite every personal value; return how many rows were touched, by model. Raises StillEnrolled.

    Kept: the number, what certificates print (they verify for life, R59), marks and outcomes without a name,
    gender, province and category for the figures. About thirty queries.
    """
    if trainee.enrolments.filter(status__in=Enrolment.OPEN).exists():
        raise StillEnrolled
    counts: Counter[str] = Counter()
    counts["applications"] = _erase_applications(trainee)
    counts["messages"] = _erase_messages(trainee)
    counts["name_changes"] = NameChange.objects.filter(trainee=trainee).update(
        old_name="", old_name_ur="", new_name="", new_name_ur="", reason="", note=""
    )
    counts["enrolments"] = trainee.enrolments.exclude(withdrawal_reason="").update(withdrawal_reason="")
    counts["aliases"] = Alias.objects.filter(trainee=trainee).delete()[0]
    counts["report_people"] = forget_trainee(trainee=trainee, at=at)
    for model, path in ((Trainee, "trainee"), (Enrolment, "enrolment__trainee")):
        counts += _erase_texts(model, path, trainee)
    _close_account(trainee)
    _erase_trainee(trainee, at)
    record(act="trainee.erase", by=by, at=at, subject=trainee, detail={"rows": dict(counts)})
    return counts


def _erase_trainee(trainee: Trainee, at: datetime) -> None:
    kept = KEPT | {"id", "cnic_hash", "created_at"}
    fields = [field for field in trainee._meta.concrete_fields if field.name not in kept]
    for field in fields:
        setattr(trainee, field.name, None if field.null else "")
    trainee.full_name, trainee.erased_at = ERASED, at
    trainee.save(update_fields=[*(field.name for field in fields), "cnic_hash", "search_key"])


def _erase_applications(trainee: Trainee) -> int:
    same = models.Q(trainee=trainee) | models.Q(cnic_hash=trainee.cnic_hash, cnic_hash__isnull=False)
    found = list(Application.objects.filter(same))
    for application in found:
        blank_application(application)
    return len(found)


def blank_application(application: Application) -> None:
    """Empty what a person said in an application; verdict, wishes and decision stay. One query."""
    texts = (
        *("full_name", "father_or_husband_name", "cnic", "email", "mobile", "gender", "district", "degree"),
        *("university", "employer", "decision_reason"),
    )
    for name in texts:
        setattr(application, name, "")
    application.date_of_birth, application.graduation_year, application.typed = None, None, {}
    names = [*texts, "date_of_birth", "graduation_year", "typed", "cnic_hash", "search_key"]
    application.save(update_fields=names)


def _erase_messages(trainee: Trainee) -> int:
    found = Message.objects.filter(models.Q(trainee=trainee) | models.Q(to=trainee.email, trainee__isnull=True))
    found.filter(state=Message.State.QUEUED).update(state=Message.State.CANCELLED)
    return erase_messages(found)


def erase_messages(found: models.QuerySet[Message]) -> int:
    """Empty mails; that one was sent, when and of what kind stays. One query."""
    return found.update(to="removed@example.invalid", subject="", text="", html="", attachments=[])


def _erase_texts(model: type[models.Model], path: str, trainee: Trainee) -> Counter[str]:
    """Overwrite free text in whatever hangs on the person or an enrolment, found by its relation.

    Lines of an append-only ledger stay: the database refuses to change them, and they name nobody.
    """
    counts: Counter[str] = Counter()
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        fields = other._meta.concrete_fields
        texts = [field.name for field in fields if _is_free_text(field)]
        files = [field.name for field in fields if isinstance(field, models.FileField)]
        if other in SEPARATELY or not (texts or files):
            continue
        where = {path.replace(model._meta.model_name or "", relation.field.name, 1): trainee}
        for row in other._default_manager.filter(**where):
            counts[other._meta.label_lower] += _overwrite(row, texts, files)
    return counts


def _is_free_text(field: Any) -> bool:
    """What somebody wrote: not a choice, not a code of ours, and long enough to say something."""
    is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
    is_long = is_text and (field.max_length or 1_000) >= 40
    return is_long and (field.blank or field.name in NAMED) and field.name not in MACHINE


def _overwrite(row: models.Model, texts: list[str], files: list[str]) -> int:
    filled = [name for name in (*texts, *files) if getattr(row, name)]
    for name in filled:
        if name in files:
            _drop_file(getattr(row, name))
            setattr(row, name, "")
        else:
            setattr(row, name, f"{ERASED[:-1]} {row.pk})" if name in NAMED - {"reason", "text"} else ERASED)
    try:
        with transaction.atomic():
            row.save(update_fields=filled)
    except IntegrityError as error:
        if "append-only" not in str(error):
            raise
        return 0
    return len(filled) > 0


def _drop_file(file: Any) -> None:
    """Delete a document once the erasure has come to stay."""
    storage, name = file.storage, file.name
    transaction.on_commit(lambda: storage.delete(name), robust=True)


def _close_account(trainee: Trainee) -> None:
    """Empty and close the account, unless it looks after others or has other work here."""
    user = trainee.user
    if user is None or user.is_staff or Trainee.objects.filter(user=user).exclude(pk=trainee.pk).exists():
        return
    if Cohort.objects.taught_by(user).exists():
        return
    user.email, user.full_name, user.is_active = f"removed-{user.pk}@example.invalid", "", False
    user.set_unusable_password()
    user.save(update_fields=["email", "full_name", "is_active", "password"])
    EmailAddress.objects.filter(user=user).delete()
    Token.objects.filter(user=user).delete()
