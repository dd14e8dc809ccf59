"""The content of a credential: the printed facts in the terms of Open Badges 3.0, nothing of our own."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from certificates.credential.did import did_of
from certificates.rules import Printed

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
STATUS_LIST_LENGTH = 131_072  # entries of a status list, the least that hides who is meant


def build_credential(
    printed: Printed, *, status_index: int, issued_at: datetime, expires_at: datetime | None = None
) -> dict[str, Any]:
    """Return the unsigned credential of a certificate. Equal facts give an equal document."""
    site = site_of(printed)
    made: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": f"{printed.verify_url}credential.json",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"Certificate of Completion: {printed.course}",
        "issuer": {"id": did_of(site), "type": ["Profile"], "name": printed.organisation, "url": f"{site}/"},
        "validFrom": timestamp(issued_at),
        "credentialSubject": _subject(printed, site),
        "credentialStatus": _status(site, status_index),
    }
    if expires_at:
        made["validUntil"] = timestamp(expires_at)
    return made


def site_of(printed: Printed) -> str:
    """Return the site a certificate was issued at: its issuer stays the same when the site moves."""
    parts = urlsplit(printed.verify_url)
    return f"{parts.scheme}://{parts.netloc}"


def as_json(value: Any) -> str:
    """Return the one text in which a document is stored, served and attached."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def timestamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _subject(printed: Printed, site: str) -> dict[str, Any]:
    hours = f"{printed.contact_hours} contact hours"
    return {
        "id": f"{printed.verify_url}#holder",
        "type": ["AchievementSubject"],
        "identifier": [_identity(name) for name in (printed.name, printed.name_ur) if name],
        "licenseNumber": printed.serial,
        "activityStartDate": printed.starts_on,
        "activityEndDate": printed.ends_on,
        "term": printed.cohort,
        "achievement": {
            "id": f"{site}/#course-{quote(printed.course_code, safe='')}",
            "type": ["Achievement"],
            "achievementType": "CertificateOfCompletion",
            "humanCode": printed.course_code,
            "name": printed.course,
            "description": f"{printed.course}: {hours} in the programme {printed.programme}.",
            "criteria": {"narrative": f"Completed the course of {hours} with the attendance that it asks for."},
        },
    }


def _identity(name: str) -> dict[str, Any]:
    """A name in clear: what the paper shows, and nothing by which a person could be looked up."""
    return {"type": "IdentityObject", "hashed": False, "identityHash": name, "identityType": "name"}


def _status(site: str, index: int) -> dict[str, Any]:
    number, entry = list_of(index)
    return {
        "id": f"{site}/status/{number}#{entry}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(entry),
        "statusListCredential": f"{site}/status/{number}",
    }


def list_of(index: int) -> tuple[int, int]:
    """Return the number of the list, from 1, and the entry in it that an index of a certificate means."""
    return index // STATUS_LIST_LENGTH + 1, index % STATUS_LIST_LENGTH
