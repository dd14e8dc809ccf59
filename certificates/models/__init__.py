"""The proof: certificates with all that is printed on them, what they are signed with, what is kept around them."""

from certificates.models.around import Archive, LookUps, ProblemReport
from certificates.models.certificate import Batch, Certificate, CertificateQuerySet
from certificates.models.credential import Credential, Key, StatusList
from certificates.models.design import Picture, Signatory, Template

__all__ = [
    "Archive",
    "Batch",
    "Certificate",
    "CertificateQuerySet",
    "Credential",
    "Key",
    "LookUps",
    "Picture",
    "ProblemReport",
    "Signatory",
    "StatusList",
    "Template",
]
