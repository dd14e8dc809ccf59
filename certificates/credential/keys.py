"""Private keys as files: made with their certificates, readable by their owner alone, loaded only by the worker."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.x509.oid import NameOID, ObjectIdentifier

from certificates.credential.did import multikey_of
from certificates.pdf.seal import Sealer

ROOT_DAYS, DOCUMENT_DAYS = 30 * 365, 20 * 365  # without a time stamp a signature is worth what its certificate is
DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


class KeyMissing(Exception):
    """The file of a private key is not where the worker looks for it."""

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path.name} is not in {path.parent}; see docs/operations.md, Keys")


def key_path(folder: Path, name: str) -> Path:
    return folder / f"{name}.key"


def first_path(folder: Path, name: str) -> Path:
    """Where the first signature of a document key lies; it is no secret."""
    return folder / f"{name}.cms"


def make_credential_key(folder: Path, name: str) -> str:
    """Write a new Ed25519 key and return its public half as Multikey."""
    key = Ed25519PrivateKey.generate()
    _write(key_path(folder, name), key)
    return multikey_of(key.public_key().public_bytes_raw())


def make_root(folder: Path, name: str, *, host: str, at: datetime) -> str:
    """Write a new root key and return its self-signed certificate as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _name(f"Certificate root of {host}", host)
    made = _certificate(subject, subject, key.public_key(), at, ROOT_DAYS)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    made = made.add_extension(_usage(signs_certificates=True), critical=True)
    _write(key_path(folder, name), key)
    return _pem(made.sign(key, hashes.SHA256()))


def make_document_key(folder: Path, name: str, *, root: str, root_name: str, host: str, at: datetime) -> str:
    """Write a new key for signing files and return its certificate, signed by the root, as PEM. Raises KeyMissing."""
    issuer = x509.load_pem_x509_certificate(root.encode())
    root_key = _load(key_path(folder, root_name))
    if not isinstance(root_key, ec.EllipticCurvePrivateKey):
        raise KeyMissing(key_path(folder, root_name))
    key = ec.generate_private_key(ec.SECP256R1())
    made = _certificate(_name(f"Certificates of {host}", host), issuer.subject, key.public_key(), at, DOCUMENT_DAYS)
    made = made.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    made = made.add_extension(_usage(signs_certificates=False), critical=True)
    made = made.add_extension(x509.ExtendedKeyUsage([DOCUMENT_SIGNING]), critical=False)
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key())
    made = made.add_extension(authority, critical=False)
    certificate = _pem(made.sign(root_key, hashes.SHA256()))
    from certificates.pdf.first_signature import sign_first  # noqa: PLC0415 - pyHanko stays out of web and worker

    first_path(folder, name).write_bytes(sign_first(certificate, key))
    _write(key_path(folder, name), key)
    return certificate


def load_credential_key(folder: Path, name: str) -> Ed25519PrivateKey:
    """Raises KeyMissing."""
    key = _load(key_path(folder, name))
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyMissing(key_path(folder, name))
    return key


def load_sealer(folder: Path, name: str) -> Sealer:
    """Return what signs files with a document key. Raises KeyMissing."""
    key = _load(key_path(folder, name))
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not first_path(folder, name).exists():
        raise KeyMissing(key_path(folder, name))
    return Sealer(first_path(folder, name).read_bytes(), key)


def _load(path: Path) -> object:
    try:
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except FileNotFoundError:
        raise KeyMissing(path) from None


def _write(path: Path, key: Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> None:
    """Write a key that nobody else can read at any moment; an existing one is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    plain = serialization.NoEncryption()
    content = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _name(common: str, organisation: str) -> x509.Name:
    parts = [(NameOID.COMMON_NAME, common), (NameOID.ORGANIZATION_NAME, organisation)]
    return x509.Name([x509.NameAttribute(oid, text[:64]) for oid, text in parts])


def _certificate(
    subject: x509.Name, issuer: x509.Name, public: ec.EllipticCurvePublicKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    made = x509.CertificateBuilder(issuer, subject, public, x509.random_serial_number())
    made = made.not_valid_before(at - timedelta(days=1)).not_valid_after(at + timedelta(days=days))
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")
