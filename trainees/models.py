"""Who takes part: accounts, trainees, their consent, and the messages sent to them."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower, Now
from django.utils.translation import gettext_lazy as _

from trainees.fields import CnicHashField, EncryptedField
from trainees.identity import hash_cnic

models.CharField.register_lookup(Length)


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the address is stored in lower case (R40)."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create one account; without a password nobody can sign in to it until one is set by mail."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password) if password else user.set_unusable_password()
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create an account with every right, for `manage.py createsuperuser`."""
        return self.create_user(email, password, **{"is_staff": True, "is_superuser": True, **fields})

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """An account: signs in by e-mail. What a person may do follows from relations, not from a role column."""

    class Language(models.TextChoices):
        ENGLISH = "en-gb", "English"
        URDU = "ur", "اردو"

    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=5, choices=Language, default=Language.ENGLISH)
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    address_proven = models.BooleanField(default=True)  # no: made by a registration that nobody has confirmed yet
    date_joined = models.DateTimeField(db_default=Now())

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower(F("email"))), name="user_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.email


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


class Message(models.Model):
    """One mail to one person: written in the transaction of its cause, sent once by the worker (R69, R70)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    key = models.CharField(max_length=120, unique=True)  # what, whom, edition; a repeated cause changes nothing
    kind = models.CharField(max_length=30, blank=True)  # what it is, as `enrolled` or `reminder`
    cause = models.CharField(max_length=60, blank=True)  # the act that wrote many mails, as `announcement-7`
    about = models.CharField(max_length=60, blank=True)  # the code of the cohort it is about
    trainee = models.ForeignKey(Trainee, null=True, blank=True, on_delete=models.SET_NULL, related_name="messages")
    language = models.CharField(max_length=5, blank=True)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list, blank=True)  # [{name, type, content}]; text files only
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    created_at = models.DateTimeField()
    send_after = models.DateTimeField(null=True, blank=True)  # empty: at once
    sent_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    claim_token = models.CharField(max_length=32, blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        permissions = [("read_message", "Can read the text of mails")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False) | ~Q(state="sent"), name="message_sent_has_time"
            ),
        ]
        indexes = [
            models.Index(fields=["claimed_until"], condition=Q(state="queued"), name="message_queued"),
            models.Index(fields=["cause", "state"], condition=~Q(cause=""), name="message_cause"),
            models.Index(fields=["about"], name="message_about"),
        ]

    def __str__(self) -> str:
        return self.key
