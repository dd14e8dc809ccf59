"""The signature on the file: PAdES B-B, EC P-256, over the whole document, as the last step.

The drawing leaves room for it, so that signing fills in numbers instead of parsing the file again and adding
to it: a fraction of the time, and the file keeps the version and metadata it was made with.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from asn1crypto import cms
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey

VALUE = 71  # bytes of a signed value; about every second one has so many, so that the place fits exactly
CONTENTS = b"/Contents <"
RANGE = b"/ByteRange [" + b" " * 34 + b"]"
SAMPLE = hashlib.sha256(b"sample").digest()  # what the first signature of a key is over
TIME = b"/M (D:00000000000000Z)"


class NoRoom(Exception):
    """The file has no place for this signature."""


class Sealer:
    """Signs files with one key; make one per key and process.

    pyHanko made the key's first signature. In each later one only the digest and the signed value differ, so the
    rest is kept as bytes: pyHanko would encode the certificate anew for every file (10 ms) and takes 15 MB.
    """

    def __init__(self, first_signature: bytes, key: EllipticCurvePrivateKey) -> None:
        self._key = key
        made = cms.ContentInfo.load(first_signature)["content"]
        info = made["signer_infos"][0]
        self._head = b"".join(
            made[part].dump() for part in ("version", "digest_algorithms", "encap_content_info", "certificates")
        )
        self._signer = b"".join(info[part].dump() for part in ("version", "sid", "digest_algorithm"))
        self._algorithm = info["signature_algorithm"].dump()
        self._attributes = info["signed_attrs"].untag().dump()
        self._type = cms.ContentType("signed_data").dump()

        self.room = 2 * len(self._cms(SAMPLE))  # hexadecimal digits

    def sign(self, content: bytes, *, at: datetime) -> bytes:
        """Return the file with a signature over everything but itself. Raises NoRoom when drawn for another key."""
        empty = CONTENTS + b"0" * self.room + b">"
        if any(content.count(part) != 1 for part in (empty, RANGE, TIME)):
            raise NoRoom("this file was not drawn to be signed with this key")
        start = content.index(empty) + len(CONTENTS) - 1
        end = start + self.room + 2
        covered = f"/ByteRange [0 {start} {end} {len(content) - end}".encode().ljust(len(RANGE) - 1) + b"]"
        time = at.astimezone(UTC).strftime("/M (D:%Y%m%d%H%M%SZ)").encode()
        made = content.replace(RANGE, covered).replace(TIME, time)
        signature = self._cms(hashlib.sha256(made[:start] + made[end:]).digest())
        return made[:start] + b"<" + signature.hex().encode() + b">" + made[end:]

    def _cms(self, digest: bytes) -> bytes:
        """Return the CMS signature over a digest, as pyHanko made the first one.

        Always of the same length: what filled up a larger place would be the one part of a file that nobody notices.
        """
        attributes = self._attributes.replace(SAMPLE, digest)
        value = b""
        while len(value) != VALUE:
            value = self._key.sign(attributes, ECDSA(hashes.SHA256()))
        tagged = b"\xa0" + attributes[1:]  # they are signed as a set and sent with a tag in its place
        info = _der(0x30, self._signer + tagged + self._algorithm + _der(0x04, value))
        return _der(0x30, self._type + _der(0xA0, _der(0x30, self._head + _der(0x31, info))))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def leave_room(pdf: Any, pydyf: Any, page: Any, *, room: int, reason: str) -> None:
    """Add a signature field to a file that is being drawn.

    Its place is out of bounds: PDF/UA asks a form tag of every field on the page, PDF/A forbids to hide one.
    """

    class Signature(pydyf.Object):
        """Stays outside the compressed objects, where its numbers can be filled in."""

        compressible = False

        @property
        def data(self) -> bytes:
            kind = b"/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /Reason "
            return b"".join((b"<<", kind, pydyf.String(reason).data, TIME, RANGE, CONTENTS, b"0" * room, b">>>"))

    signature = Signature()
    pdf.add_object(signature)
    field = pydyf.Dictionary(
        {
            "Type": "/Annot",
            "Subtype": "/Widget",
            "FT": "/Sig",
            "T": pydyf.String("Signature"),
            "TU": pydyf.String(reason),
            "V": signature.reference,
            "P": page.reference,
            "Rect": pydyf.Array([-10000, -10000, -10000, -10000]),
            "F": 132,  # printed, locked
        }
    )
    pdf.add_object(field)
    page["Annots"] = pydyf.Array([field.reference])
    pdf.catalog["AcroForm"] = pydyf.Dictionary({"Fields": pydyf.Array([field.reference]), "SigFlags": 3})
    extension = pydyf.Dictionary({"BaseVersion": "/1.7", "ExtensionLevel": 1})
    pdf.catalog["Extensions"] = pydyf.Dictionary({"ESIC": extension})
