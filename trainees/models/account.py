"""Accounts: who signs in."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import Group, PermissionsMixin
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now


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

    def whose_work_is(self, right: str) -> "models.QuerySet[User]":
        """Return the active staff whose groups carry a right, as "cohorts.manage_enrolment"."""
        app, codename = right.split(".")
        carried = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=codename)
        return self.filter(is_active=True, is_staff=True, groups__in=carried).distinct().order_by("pk")

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
    wants_reminders = models.BooleanField(default=True)
    calendar_edition = models.PositiveIntegerField(default=0)  # of the secret address of the calendar
    is_staff = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)  # as an instructor: named for no further cohort
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
        indexes = [models.Index(fields=["full_name", "email"], condition=Q(is_staff=True), name="user_staff")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        return self.full_name or self.email

    def get_short_name(self) -> str:
        return self.full_name.split(" ")[0] if self.full_name else self.email
