"""The proof: certificates with all that is printed on them, and what is kept around them."""

from certificates.models.around import Archive, LookUps, ProblemReport
from certificates.models.certificate import Batch, Certificate, CertificateQuerySet, Signatory

__all__ = ["Archive", "Batch", "Certificate", "CertificateQuerySet", "LookUps", "ProblemReport", "Signatory"]
