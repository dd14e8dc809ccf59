"""The content of a credential: the printed facts in the terms of Open Badges 3.0, nothing of our own."""

import json
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import quote, urlsplit
from zoneinfo import ZoneInfo

from certificates.credential.did import did_of
from certificates.rules import Printed

CREDENTIALS_V2 = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
STATUS_LIST_LENGTH = 131_072  # entries of a status list, the least that hides who is meant


def build_credential(
    printed: Printed, *, edition: int, status_index: int, issued_at: datetime, expires_at: datetime | None = None
) -> dict[str, Any]:
    """Return the unsigned credential of a certificate. Equal facts give an equal document.

    What an imported certificate does not say, such as its dates, is left out.
    """
    site = site_of(printed)
    made: dict[str, Any] = {
        "@context": [CREDENTIALS_V2, OPEN_BADGES],
        "id": f"{printed.verify_url}credential.json",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"Certificate of Completion: {printed.course}",
        "image": _picture(printed, edition),
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


def _picture(printed: Printed, edition: int) -> dict[str, Any]:
    address = f"{printed.verify_url}picture/{edition}.png"
    return {"id": address, "type": "Image", "caption": f"Certificate of Completion of {printed.name}"}


def _subject(printed: Printed, site: str) -> dict[str, Any]:
    subject = {
        "id": f"{printed.verify_url}#holder",
        "type": ["AchievementSubject"],
        "identifier": [_identity(name) for name in (printed.name, printed.name_ur) if name],
        "licenseNumber": printed.serial,
        "activityStartDate": _moment(printed.starts_on, time(), printed),
        "activityEndDate": _moment(printed.ends_on, time(23, 59, 59), printed),
        "term": printed.cohort,
        "achievement": _achievement(printed, site),
    }
    return {name: value for name, value in subject.items() if value}


def _achievement(printed: Printed, site: str) -> dict[str, Any]:
    hours = f" of {printed.contact_hours} contact hours" if printed.contact_hours else ""
    programme = f" in the programme {printed.programme}" if printed.programme else ""
    achievement = {
        "id": f"{site}/#course-{quote(printed.course_code or printed.course, safe='')}",
        "type": ["Achievement"],
        "achievementType": "CertificateOfCompletion",
        "humanCode": printed.course_code,
        "name": printed.course,
        "description": f"{printed.course}, a course{hours}{programme}.",
        "criteria": {"narrative": f"Completed the course{hours} with the attendance that it asks for."},
    }
    return {name: value for name, value in achievement.items() if value}


def _moment(day: str, at: time, printed: Printed) -> str:
    """Open Badges asks for a moment where a certificate has a day: its first or last second in its own zone."""
    return datetime.combine(date.fromisoformat(day), at, ZoneInfo(printed.time_zone)).isoformat() if day else ""


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
