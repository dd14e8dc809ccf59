"""Write what machines read as files that any static host can serve."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from certificates.credential.build import as_json
from certificates.credential.did import did_document
from certificates.models import Credential, Key, StatusList
from certificates.services.keys import published_keys
from certificates.services.render import store_file


class Command(BaseCommand):
    help = "Write credentials, did.json, status lists and key certificates under the addresses that they have here."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="the root of the static site; files there are written anew")

    def handle(self, *args: Any, **options: Any) -> None:
        root: Path = options["folder"]
        count = 0
        for code, document, jwt in Credential.objects.values_list("certificate__code", "document", "jwt").iterator():
            store_file(root / "c" / code / "credential.json", document.encode())
            store_file(root / "c" / code / "credential.jwt", jwt.encode())
            count += 1
        for number, document in StatusList.objects.exclude(document="").values_list("number", "document"):
            store_file(root / "status" / str(number), document.encode())
        for name, public in Key.objects.exclude(kind=Key.Kind.CREDENTIAL).values_list("name", "public"):
            store_file(root / "trust" / f"{name}.pem", public.encode())
        document = as_json(did_document(settings.SITE_URL, published_keys()))
        store_file(root / ".well-known" / "did.json", document.encode())
        self.stdout.write(f"credentials={count}")
