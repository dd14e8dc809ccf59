"""Everything held of one person, collected from every app: for themselves to read and take along."""

from datetime import date, datetime
from typing import Any

from django.db import models

from admissions.models import Application
from audit.models import AuditEntry
from certificates.models import Certificate
from cohorts.models import Enrolment, Session
from trainees.fields import EncryptedField
from trainees.models import Trainee
from trainees.rules import mask_cnic, mask_typed_cnic

# What a row holds for the machine alone, or of somebody else.
LEFT_OUT = {"id", "trainee", "user", "cnic_hash", "claim_token", "claimed_until", "rung_at", "fingerprint", "password"}
SEPARATELY = (Application, Certificate)
ACCOUNT = ("email", "full_name", "language", "date_joined", "last_login", "is_active")


def collect_data(*, trainee: Trainee, with_cnic: bool) -> dict[str, Any]:
    """Return every fact about a person as plain values, by kind. The CNIC is masked unless asked for.

    What hangs on the person or on an enrolment is found by its relation, so that nothing new is forgotten.
    A query per kind, about twenty.
    """
    person = _facts(trainee)
    person["cnic"] = trainee.cnic if with_cnic else mask_cnic(trainee.cnic)
    account = trainee.user
    return {
        "person": person,
        "account": {name: _plain(getattr(account, name)) for name in ACCOUNT} if account else {},
        **_related(Trainee, "trainee", trainee),
        **_related(Enrolment, "enrolment__trainee", trainee),
        "applications": [_application(each, with_cnic) for each in _applications(trainee)],
        "certificates": _certificates(trainee),
        "looks_at_cnic": _looks(trainee),
    }


def _related(model: type[models.Model], path: str, trainee: Trainee) -> dict[str, Any]:
    """Return the rows of every model that points at `model`, for those that belong to the person."""
    found: dict[str, Any] = {}
    for relation in model._meta.related_objects:
        other: Any = relation.related_model
        if other in SEPARATELY or other is model:
            continue
        sessions = [each.name for each in other._meta.concrete_fields if each.related_model is Session]
        where = {path.replace(model._meta.model_name or "", relation.field.name, 1): trainee}
        rows = other._default_manager.filter(**where).select_related(*sessions).order_by("pk")
        found.setdefault(other._meta.verbose_name_plural.replace(" ", "_"), []).extend(_facts(each) for each in rows)
    return found


def _certificates(trainee: Trainee) -> list[dict[str, Any]]:
    found = Certificate.objects.public().filter(enrolment__trainee=trainee).order_by("id")
    return [{**each.printed, "state": each.state} for each in found]


def _applications(trainee: Trainee) -> models.QuerySet[Application]:
    """Those that led to this person, and those with the same number that did not."""
    same = models.Q(trainee=trainee)
    if trainee.cnic_hash:
        same |= models.Q(cnic_hash=trainee.cnic_hash)
    return Application.objects.filter(same).select_related("programme", "course_1", "course_2").order_by("id")


def _application(application: Application, with_cnic: bool) -> dict[str, Any]:
    facts = _facts(application)
    facts["typed"] = dict(application.typed)
    facts["cnic"] = application.cnic
    if not with_cnic:
        facts["cnic"] = mask_cnic(application.cnic)
        facts["typed"]["cnic"] = mask_typed_cnic(str(facts["typed"].get("cnic", "")))
    return facts


def _looks(trainee: Trainee) -> list[str]:
    """Return when somebody of the office looked at the identity number."""
    acts = ("trainee.look_at_cnic", "trainee.find_by_cnic")
    found = AuditEntry.objects.filter(subject_type="trainees.trainee", subject_id=str(trainee.pk), act__in=acts)
    return [each.at.isoformat() for each in found.order_by("id")]


def _facts(row: models.Model) -> dict[str, Any]:
    """Return the filled columns of a row; of other rows what they are called, of the people who wrote it nothing."""
    facts: dict[str, Any] = {}
    for field in row._meta.concrete_fields:
        is_person = field.name == "by" or field.name.endswith("_by")
        if is_person or field.name in LEFT_OUT or isinstance(field, EncryptedField):
            continue
        value = _name(getattr(row, field.name)) if field.is_relation else getattr(row, field.attname)
        if value not in (None, "", [], {}):
            facts[field.name] = _plain(value)
    return facts


def _name(other: Any) -> str:
    if isinstance(other, Session):
        return f"{other.date.isoformat()}, session {other.number}"
    return str(other) if other is not None else ""


def _plain(value: Any) -> Any:
    """Return what JSON holds: numbers, texts, lists and mappings as they are, all else as its text."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, bool | int | float | str | list | dict) or value is None else str(value)
