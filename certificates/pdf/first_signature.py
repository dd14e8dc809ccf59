"""The first signature of a key, by pyHanko: structure, attributes and certificate of all that follow.

Imported when a key is made and nowhere else: neither web nor worker carries pyHanko.
"""

import asyncio

from asn1crypto import keys, pem, x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from certificates.pdf.seal import SAMPLE


def sign_first(certificate: str, key: EllipticCurvePrivateKey) -> bytes:
    """Return a PAdES signature over a sample digest.

    The root stays outside: whoever trusts it has it, and no signature covers what is merely sent along.
    """
    _kind, _headers, content = pem.unarmor(certificate.encode())
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    signer = SimpleSigner(x509.Certificate.load(content), keys.PrivateKeyInfo.load(plain), SimpleCertificateStore())
    made: bytes = asyncio.run(signer.async_sign(SAMPLE, "sha256", use_pades=True)).dump()
    return made
