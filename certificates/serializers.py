"""What the API shows of certificates and batches."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from certificates.models import Batch, Certificate
from certificates.services.elsewhere import HolderNames
from certificates.services.lookup import LookUp


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    course = serializers.CharField(source="printed.course")
    cohort = serializers.CharField(source="printed.cohort")
    state = serializers.SerializerMethodField()
    pdf = serializers.SerializerMethodField()
    credential = serializers.SerializerMethodField()
    looked_up = serializers.IntegerField(read_only=True, default=0)

    class Meta:
        model = Certificate
        fields = [
            *("serial", "code", "name", "course", "cohort", "state", "issued_at", "expires_on"),
            *("sha256", "pdf", "credential", "looked_up"),
        ]

    def get_state(self, certificate: Certificate) -> str:
        """pending, issued, revoked or replaced; one that failed waits for a person and is pending."""
        failed = certificate.state == Certificate.State.FAILED
        return Certificate.State.PENDING if failed else certificate.state

    def get_pdf(self, certificate: Certificate) -> str | None:
        """The address of the file; the edition in it keeps a cache from hiding a later one (R65)."""
        path = f"{settings.SITE_URL}/api/v1/certificates/{certificate.serial}/pdf/?edition={certificate.edition}"
        return path if certificate.sha256 else None

    def get_credential(self, certificate: Certificate) -> str | None:
        path = f"{settings.SITE_URL}/c/{certificate.code}/credential.json"
        return path if certificate.sha256 else None


class BatchSerializer(serializers.ModelSerializer[Batch]):
    cohort: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    waiting = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    finished_at = serializers.SerializerMethodField()
    paused = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = ["id", "cohort", "total", "waiting", "done", "failed", "paused", "started_at", "finished_at"]

    def get_paused(self, batch: Batch) -> bool:
        return batch.paused_at is not None

    def get_finished_at(self, batch: Any) -> Any:
        return batch.last_issued if not batch.waiting and not batch.failed else None


class RevokeSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=10)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ReplaceSerializer(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(
        [reason.value for reason in Certificate.OF_REPLACEMENT], required=False, default=Certificate.Reason.NAME.value
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    name = serializers.CharField(
        max_length=120, required=False, help_text="Of an imported one; else the trainee's name is printed."
    )
    name_ur = serializers.CharField(max_length=120, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Put the names together, as the service takes them."""
        name, name_ur = attrs.pop("name", ""), attrs.pop("name_ur", "")
        return attrs | {"names": HolderNames(name, name_ur) if name else None}


PUBLIC = (
    *("name", "name_ur", "programme", "organisation", "course", "cohort", "contact_hours"),
    *("starts_on", "ends_on", "issued_on"),
)


def public_facts(certificate: Certificate, found: LookUp) -> dict[str, Any]:
    """Return what anybody may know: the printed facts and the state (R58)."""
    successor = found.successor
    return {
        "code": certificate.code,
        "serial": certificate.serial,
        "state": found.verdict,
        **{name: certificate.printed.get(name) for name in PUBLIC},
        "expires_on": certificate.expires_on,
        "sha256": certificate.sha256,
        "revoked_at": certificate.revoked_at,
        "reason": certificate.get_revocation_reason_display() or None,
        "replaced_by": successor.code if successor else None,
    }
