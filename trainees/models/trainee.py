"""The person: who, their consent, their numbers."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower

from trainees.fields import CnicHashField, EncryptedField, NumberKeyField, SearchKeyField
from trainees.identity import hash_cnic
from trainees.models.account import User

models.CharField.register_lookup(Length)


class TraineeQuerySet(models.QuerySet["Trainee"]):
    def visible_to(self, user: Any) -> "TraineeQuerySet":
        """Everybody for the office; else those whom the account looks after."""
        if user.is_authenticated and user.has_perm("trainees.view_trainee"):
            return self
        return self.filter(user_id=user.pk) if user.is_authenticated else self.none()

    def with_cnic(self, cnic: str) -> "TraineeQuerySet":
        """The one person with exactly this identity number of 13 digits, found by its hash."""
        return self.filter(cnic_hash=hash_cnic(cnic))


class Trainee(models.Model):
    """A person in the programme. The CNIC identifies; e-mail and phone are contacts that siblings may share."""

    class Gender(models.TextChoices):
        MALE = "M", "Male"
        FEMALE = "F", "Female"

    class Category(models.TextChoices):
        GRADUATE = "graduate", "Fresh graduate"
        PROFESSIONAL = "professional", "Working professional"

    class Province(models.TextChoices):
        PUNJAB = "PB", "Punjab"
        SINDH = "SD", "Sindh"
        KHYBER_PAKHTUNKHWA = "KP", "Khyber Pakhtunkhwa"
        MERGED_DISTRICTS = "MD", "Merged districts"
        BALOCHISTAN = "BA", "Balochistan"
        ISLAMABAD = "IS", "Islamabad"
        GILGIT_BALTISTAN = "GB", "Gilgit-Baltistan"
        AZAD_KASHMIR = "JK", "Azad Kashmir"

    number = models.CharField(max_length=30, unique=True)  # as PSEB-20-00001; printed, never secret
    user = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="trainees"
    )  # one account may look after several people who share its address
    full_name = models.CharField(max_length=120)
    full_name_ur = models.CharField(max_length=120, blank=True)
    father_or_husband_name = models.CharField(max_length=120, blank=True)
    cnic = EncryptedField(blank=True)  # 13 digits; empty only after an erasure
    cnic_hash = CnicHashField(unique=True)
    email = models.EmailField()
    email_confirmed_at = models.DateTimeField(null=True, blank=True)
    email_wanted = models.EmailField(blank=True)  # counts once its link is opened
    mobile = models.CharField(max_length=16, blank=True)  # E.164
    date_of_birth = models.DateField(null=True, blank=True)
    gender = models.CharField(max_length=1, choices=Gender, blank=True)
    category = models.CharField(max_length=12, choices=Category, blank=True)
    degree = models.CharField(max_length=160, blank=True)
    university = models.CharField(max_length=160, blank=True)
    graduation_year = models.PositiveIntegerField(null=True, blank=True)
    employer = models.CharField(max_length=200, blank=True)
    district = models.CharField(max_length=80, blank=True)
    province = models.CharField(max_length=2, choices=Province, blank=True)
    search_key = SearchKeyField()
    number_start = NumberKeyField()
    number_end = NumberKeyField(from_end=True)
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True, blank=True)  # when the personal values were removed

    objects = TraineeQuerySet.as_manager()

    class Meta:
        permissions = [("view_cnic", "Can see identity numbers")]
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="trainee_email_lower_case"),
            models.CheckConstraint(
                condition=Q(cnic_hash__isnull=False, cnic_hash__length=64)
                | Q(cnic_hash__isnull=True, erased_at__isnull=False),
                name="trainee_cnic_hash_whole_or_erased",
            ),
        ]
        indexes = [
            models.Index(fields=["full_name"], name="trainee_full_name"),
            models.Index(fields=["email"], name="trainee_email"),
            models.Index(fields=["number_start"], name="trainee_number_start", opclasses=["varchar_pattern_ops"]),
            models.Index(fields=["number_end"], name="trainee_number_end", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.full_name} ({self.number})"


class Consent(models.Model):
    """That a person agreed to a text, which version and when; renewed by a new row (R76)."""

    trainee = models.ForeignKey(Trainee, on_delete=models.CASCADE, related_name="consents")
    text_version = models.CharField(max_length=30)
    given_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trainee", "text_version"], name="consent_once_per_version"),
        ]

    def __str__(self) -> str:
        return f"{self.trainee_id} {self.text_version}"


class NumberSequence(models.Model):
    """The last trainee number given under a prefix; its row is the lock for the next one."""

    prefix = models.CharField(max_length=20, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}-{self.last:05d}"


class FormerNumberQuerySet(models.QuerySet["FormerNumber"]):
    def find_successor(self, number: str, user: Any) -> Trainee | None:
        """Return the record that a number leads to, when `user` may see it. One query."""
        seen = Trainee.objects.visible_to(user)
        found = self.filter(number=number, trainee__in=seen).select_related("trainee").first()
        return found.trainee if found else None


class FormerNumber(models.Model):
    """A number that belonged to a record merged into another: whoever asks for it is led there (R44)."""

    number = models.CharField(max_length=30, unique=True)
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="former_numbers")
    merged_at = models.DateTimeField()

    objects = FormerNumberQuerySet.as_manager()

    def __str__(self) -> str:
        return self.number
