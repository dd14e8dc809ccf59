"""Files between upload and confirmation: kept under a random name, read again when confirmed."""

import re
import secrets
import time
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from trainees.imports.table import UnreadableFile

KEPT_SECONDS = 24 * 3600


def keep_upload(upload: UploadedFile) -> str:
    """Store an upload and return its token. Raises UnreadableFile for one that is too large."""
    limit = settings.UPLOAD_MAX_BYTES
    if (upload.size or 0) > limit:
        raise UnreadableFile(
            f"The file has {(upload.size or 0) >> 20} MB; at most {limit >> 20} MB are read.", "too_large"
        )
    folder = Path(settings.UPLOADS_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    _forget_old(folder)
    suffix = re.sub(r"[^a-z0-9.]", "", Path(upload.name or "").suffix.lower())[:6]
    token = secrets.token_hex(16) + suffix
    with (folder / token).open("wb") as file:
        for chunk in upload.chunks():
            file.write(chunk)
    return token


def path_of(token: str) -> Path | None:
    """Return where a token's file lies, or None for what is no token of ours."""
    if not re.fullmatch(r"[0-9a-f]{32}(\.[a-z0-9]{0,5})?", token):
        return None
    path = Path(settings.UPLOADS_DIR) / token
    return path if path.is_file() else None


def _forget_old(folder: Path) -> None:
    """Delete uploads that nobody confirmed within a day: they hold identity numbers."""
    for path in folder.iterdir():
        if path.stat().st_mtime < time.time() - KEPT_SECONDS:
            path.unlink(missing_ok=True)
