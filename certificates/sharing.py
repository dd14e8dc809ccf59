"""What a holder gives to others: fields to copy, and LinkedIn's form filled in."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from certificates.models import Certificate

LINKEDIN = "https://www.linkedin.com/profile/add"


@dataclass(frozen=True)
class Sharing:
    """The fields that a professional network asks for, and its address with them in it."""

    name: str
    organisation: str
    issued: date
    number: str
    url: str

    @property
    def linkedin(self) -> str:
        fields = {
            "startTask": "CERTIFICATION_NAME",
            "name": self.name,
            "organizationName": self.organisation,
            "issueYear": self.issued.year,
            "issueMonth": self.issued.month,
            "certId": self.number,
            "certUrl": self.url,
        }
        return f"{LINKEDIN}?{urlencode(fields)}"


def sharing_of(certificate: Certificate) -> Sharing:
    """Return what to share of a certificate: printed facts only. No query."""
    printed = certificate.printed
    return Sharing(
        name=printed["course"],
        organisation=printed["organisation"],
        issued=date.fromisoformat(printed["issued_on"]),
        number=certificate.serial,
        url=printed["verify_url"],
    )
