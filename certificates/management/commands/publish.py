"""Write what machines read as files that any static host can serve."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from certificates.credential.build import as_json
from certificates.credential.did import did_document
from certificates.models import Certificate, Credential, Key, StatusList
from certificates.services.keys import published_keys
from certificates.services.render import store_file


class Command(BaseCommand):
    help = "Write credentials, did.json, status lists and key certificates under the addresses that they have here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the root of the static site; files that differ are written anew")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["folder"]
        count = written = 0
        for credential in Credential.objects.select_related("certificate").iterator(chunk_size=200):
            written += self._publish_credential(root, credential)
            count += 1
        for number, document in StatusList.objects.exclude(document="").values_list("number", "document"):
            written += _write(root / "status" / str(number), document.encode())
        for name, public in Key.objects.exclude(kind=Key.Kind.CREDENTIAL).values_list("name", "public"):
            written += _write(root / "trust" / f"{name}.pem", public.encode())
        document = as_json(did_document(settings.SITE_URL, published_keys()))
        written += _write(root / ".well-known" / "did.json", document.encode())
        self.stdout.write(f"credentials={count} files_written={written}")

    def _publish_credential(self, root: Path, credential: Credential) -> int:
        """Write both forms, and the picture that they name while the certificate is valid."""
        certificate = credential.certificate
        folder = root / "c" / certificate.code
        written = _write(folder / "credential.json", credential.document.encode())
        written += _write(folder / "credential.jwt", credential.jwt.encode())
        picture = folder / "picture" / f"{certificate.edition}.png"
        if certificate.state != Certificate.State.ISSUED:
            picture.unlink(missing_ok=True)
        elif certificate.picture_path.exists():
            written += _write(picture, certificate.picture_path.read_bytes())
        return written


def _write(path: Path, content: bytes) -> int:
    """Write a file unless it says the same already, so that a run each minute costs little. Return 1 if written."""
    if path.exists() and path.read_bytes() == content:
        return 0
    store_file(path, content)
    return 1
