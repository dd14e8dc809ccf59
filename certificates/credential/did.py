"""The issuer's identity: did:web on the programme's own host."""

import base64
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

ED25519 = b"\xed\x01"  # the multicodec prefix of a public key
BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
CONTEXT = ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1", "https://w3id.org/security/jwk/v1"]


def did_of(site_url: str) -> str:
    """Return the did:web of a site; a port is written %3A."""
    return "did:web:" + urlsplit(site_url).netloc.replace(":", "%3A")


def did_document(site_url: str, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return the document at /.well-known/did.json for keys as (name, Multikey text).

    Each key stands there as Multikey, for embedded proofs, and as JWK under `<name>-jwk`, for JWTs.
    """
    did = did_of(site_url)
    methods: list[dict[str, Any]] = []
    for name, multikey in keys:
        methods.append({"id": f"{did}#{name}", "type": "Multikey", "controller": did, "publicKeyMultibase": multikey})
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(raw_key(multikey))}
        methods.append({"id": f"{did}#{name}-jwk", "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk})
    names = [method["id"] for method in methods]
    return {"@context": CONTEXT, "id": did, "verificationMethod": methods, "assertionMethod": names}


def multikey_of(raw: bytes) -> str:
    """Return the Multikey text of an Ed25519 public key."""
    return "z" + base58(ED25519 + raw)


def raw_key(multikey: str) -> bytes:
    """Return the 32 bytes of an Ed25519 Multikey."""
    number = 0
    for letter in multikey.removeprefix("z"):
        number = number * 58 + BASE58.index(letter)
    return number.to_bytes(34, "big").removeprefix(ED25519)


def base58(content: bytes) -> str:
    """Return bytes in Bitcoin's base 58, leading zeros kept."""
    number, letters = int.from_bytes(content, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        letters = BASE58[digit] + letters
    return "1" * (len(content) - len(content.lstrip(b"\0"))) + letters


def base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")
