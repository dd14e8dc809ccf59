"""What makes a certificate checkable by machines: public keys, signed credentials, signed status lists."""

import hashlib
import ssl

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from certificates.models.certificate import Certificate


class Key(models.Model):
    """The public half of a signing key; the private half is a file that only the worker can read."""

    class Kind(models.TextChoices):
        ROOT = "root", _("Root of the signatures on files")
        DOCUMENT = "document", _("Signs the files")
        CREDENTIAL = "credential", _("Signs credentials and status lists")

    name = models.SlugField(max_length=40, unique=True)  # of the file too, and the fragment of the did:web key id
    kind = models.CharField(max_length=10, choices=Kind)
    public = models.TextField()  # a certificate as PEM; of a credential's key the Multikey text
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    compromised = models.BooleanField(default=False)  # then nothing it signed proves anything
    reason = models.CharField(max_length=200, blank=True)  # of the retirement; public

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=Q(retired_at__isnull=True), name="key_one_in_use_per_kind"
            ),
            models.CheckConstraint(
                condition=Q(compromised=False) | Q(retired_at__isnull=False), name="key_compromised_is_retired"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of a certificate in pairs, as other tools print it; empty for a key without one."""
        if self.kind == self.Kind.CREDENTIAL:
            return ""
        return hashlib.sha256(ssl.PEM_cert_to_DER_cert(self.public)).digest().hex(":").upper()


class Credential(models.Model):
    """The signed credential of one certificate in both forms, as it is served and as it is in the file."""

    certificate = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="credential")
    document = models.TextField()  # JSON with an embedded proof
    jwt = models.TextField()
    key = models.ForeignKey(Key, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"credential of certificate {self.certificate_id}"


class StatusList(models.Model):
    """A signed list of which certificates ended; derived from their rows whenever `version` is ahead."""

    number = models.PositiveIntegerField(unique=True)
    version = models.PositiveIntegerField(default=1)  # raised in the transaction that ends a certificate
    signed_version = models.PositiveIntegerField(default=0)
    document = models.TextField(blank=True)  # empty until it was signed for the first time
    signed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"status list {self.number}"
