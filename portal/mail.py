"""Mail as files, for a server without a mail service: one `.eml` per message that any mail program opens."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class FileBackend(BaseEmailBackend):
    """Write each message to a file named after its Message-ID.

    A message that is sent again after a crash replaces its own file, so files and messages stay one to one.
    """

    replaces_repeats = True  # so the outbox may send again what a dead worker may have sent

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder = Path(settings.EMAIL_FILE_PATH)
        folder.mkdir(parents=True, exist_ok=True)
        for mail in email_messages:
            content = mail.message()
            name = re.sub(r"[^A-Za-z0-9._-]", "_", str(content["Message-ID"]).strip("<>").split("@")[0])
            self._write(folder / f"{name}.eml", content.as_bytes(linesep="\r\n"))  # type: ignore[call-arg]
        return len(email_messages)

    def _write(self, path: Path, content: bytes) -> None:
        temporary = path.with_suffix(f".{os.getpid()}.tmp")
        temporary.write_bytes(content)
        temporary.replace(path)
