"""What the API shows of certificates and batches."""

from typing import Any

from django.conf import settings
from rest_framework import serializers

from certificates.models import Batch, Certificate
from certificates.services.lookup import LookUp


class CertificateSerializer(serializers.ModelSerializer[Certificate]):
    course = serializers.CharField(source="printed.course")
    cohort = serializers.CharField(source="printed.cohort")
    state = serializers.SerializerMethodField()
    pdf = serializers.SerializerMethodField()

    class Meta:
        model = Certificate
        fields = ["serial", "code", "name", "course", "cohort", "state", "issued_at", "sha256", "pdf"]

    def get_state(self, certificate: Certificate) -> str:
        """pending, issued, revoked or replaced; one that failed waits for a person and is pending."""
        failed = certificate.state == Certificate.State.FAILED
        return Certificate.State.PENDING if failed else certificate.state

    def get_pdf(self, certificate: Certificate) -> str | None:
        path = f"{settings.SITE_URL}/api/v1/certificates/{certificate.serial}/pdf/"
        return path if certificate.sha256 else None


class BatchSerializer(serializers.ModelSerializer[Batch]):
    cohort: serializers.Field[Any, Any, Any, Any] = serializers.SlugRelatedField(slug_field="code", read_only=True)
    waiting = serializers.IntegerField(read_only=True)
    done = serializers.IntegerField(read_only=True)
    failed = serializers.IntegerField(read_only=True)
    finished_at = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = ["id", "cohort", "total", "waiting", "done", "failed", "started_at", "finished_at"]

    def get_finished_at(self, batch: Any) -> Any:
        return batch.last_issued if not batch.waiting and not batch.failed else None


class RevokeSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=10)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class ReplaceSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


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
