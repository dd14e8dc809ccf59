"""The status list: one bit for each certificate, 1 when it ended (Bitstring Status List 1.0)."""

import gzip
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from certificates.credential.build import CREDENTIALS_V2, STATUS_LIST_LENGTH, timestamp
from certificates.credential.did import base64url, did_of

TTL = 60_000  # milliseconds that a verifier may keep a list: a revocation is seen within a minute


def encode_bits(entries: Iterable[int]) -> str:
    """Return the list with the bits of these entries set: multibase base64url of gzip; entry 0 is the left-most bit."""
    bits = bytearray(STATUS_LIST_LENGTH // 8)
    for entry in entries:
        bits[entry // 8] |= 0x80 >> entry % 8
    return "u" + base64url(gzip.compress(bytes(bits), mtime=0))


def build_status_list(site: str, *, number: int, entries: Iterable[int], at: datetime) -> dict[str, Any]:
    """Return the unsigned status list credential served at /status/<number>."""
    address = f"{site}/status/{number}"
    return {
        "@context": [CREDENTIALS_V2],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": did_of(site),
        "validFrom": timestamp(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "ttl": TTL,
            "encodedList": encode_bits(entries),
        },
    }
