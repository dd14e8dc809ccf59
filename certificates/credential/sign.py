"""Signing: an embedded eddsa-rdfc-2022 proof, and the same content as a JWT.

PyLD leaves out what the contexts do not define, so that a signature would not cover it: `canonical` counts
what came through and refuses the rest.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from pyld import jsonld

from certificates.credential.build import CREDENTIALS_V2, OPEN_BADGES, as_json, timestamp
from certificates.credential.did import base58, base64url

VENDOR = settings.BASE_DIR / "static" / "vendor"
CONTEXTS = {
    CREDENTIALS_V2: VENDOR / "credentials-context-3.2.0" / "credentials-v2.json",
    OPEN_BADGES: VENDOR / "open-badges-context-3.0.0" / "context-3.0.3.json",
}

RELATIVE = "hunar-undefined://name/"  # where names end up that no context made an address of


class Undefined(Exception):
    """A document holds something that its contexts do not define; a signature would not cover it."""


class ForeignContext(Exception):
    """A document names a context that is not a file of ours; nothing is fetched."""


@dataclass(frozen=True)
class CredentialKey:
    """A private key with the did:web id of its public half."""

    name: str
    private: Ed25519PrivateKey


@cache
def _load(url: str) -> dict[str, Any]:
    content = json.loads(CONTEXTS[url].read_text(encoding="utf-8"))
    return {"contextUrl": None, "documentUrl": url, "contentType": "application/ld+json", "document": content}


def canonical(document: dict[str, Any]) -> str:
    """Return a document as canonical N-Quads (RDFC-1.0). Raises Undefined when any of it would be left out."""
    if foreign := [url for url in document["@context"] if url not in CONTEXTS]:
        raise ForeignContext(str(foreign))
    options = {
        "algorithm": "URDNA2015",
        "base": RELATIVE,
        "format": "application/n-quads",
        "documentLoader": lambda url, _options: _load(url),
    }
    quads: str = jsonld.normalize(document, options)
    found, statements = quads.count("\n"), count_statements(document)
    if found != statements or f"<{RELATIVE}" in quads:
        raise Undefined(f"the contexts define {found} of {statements} statements, or not every type")
    return quads


def count_statements(value: Any) -> int:
    """Return how many statements a document makes: one for each value of each of its keys."""
    if isinstance(value, list):
        return sum(count_statements(each) for each in value)
    if not isinstance(value, dict):
        return 0
    total = 0
    for name, held in value.items():
        if name in ("@context", "id"):
            continue
        total += (len(held) if isinstance(held, list) else 1) + count_statements(held)
    return total


def sign_document(document: dict[str, Any], *, key: CredentialKey, did: str, at: datetime) -> dict[str, Any]:
    """Return the document with its proof, an array of one. Raises Undefined."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": "eddsa-rdfc-2022",
        "created": timestamp(at),
        "verificationMethod": f"{did}#{key.name}",
        "proofPurpose": "assertionMethod",
    }
    settled = canonical({"@context": document["@context"], **proof})
    hashes = [hashlib.sha256(text.encode()).digest() for text in (settled, canonical(document))]
    return {**document, "proof": [{**proof, "proofValue": "z" + base58(key.private.sign(b"".join(hashes)))}]}


def sign_jwt(document: dict[str, Any], *, key: CredentialKey, did: str) -> str:
    """Return the unsigned document as a compact JWT with the registered claims that Open Badges asks for."""
    header = {"alg": "EdDSA", "typ": "JWT", "kid": f"{did}#{key.name}-jwk"}
    claims = {**document, "iss": did, "jti": document["id"], "nbf": _seconds(document["validFrom"])}
    claims["sub"] = document["credentialSubject"]["id"]
    if "validUntil" in document:
        claims["exp"] = _seconds(document["validUntil"])
    signed = f"{base64url(as_json(header).encode())}.{base64url(as_json(claims).encode())}"
    return f"{signed}.{base64url(key.private.sign(signed.encode()))}"


def _seconds(stamp: str) -> int:
    return int(datetime.fromisoformat(stamp).timestamp())
