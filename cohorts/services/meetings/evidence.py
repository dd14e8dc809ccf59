"""The bytes of uploaded files, kept compressed under their hash: the evidence behind marks from files."""

import gzip
import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO, BinaryIO, cast

from django.conf import settings
from django.utils.translation import gettext as _

from trainees.imports.table import UnreadableFile


def keep(chunks: Iterable[bytes]) -> tuple[str, int]:
    """Store a file once and return its SHA-256 and size. The file is whole before it has its name.

    Raises UnreadableFile for one that is empty or too large.
    """
    folder, limit = Path(settings.MEETINGS_DIR), settings.MEETING_MAX_BYTES
    folder.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with tempfile.NamedTemporaryFile(dir=folder, prefix="new-", delete=False) as raw:
        try:
            with gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=3, mtime=0) as packed:
                for chunk in chunks:
                    size += len(chunk)
                    _refuse_large(size, limit)
                    digest.update(chunk)
                    packed.write(chunk)
            if not size:
                raise UnreadableFile(_("The file is empty."), "empty")
            raw.flush()
            os.fsync(raw.fileno())
            _name(Path(raw.name), path_of(digest.hexdigest()))
        finally:
            Path(raw.name).unlink(missing_ok=True)
    return digest.hexdigest(), size


def _refuse_large(size: int, limit: int) -> None:
    if size > limit:
        text = _("The file is larger than %(limit)d MB. Split it.")
        raise UnreadableFile(text % {"limit": limit >> 20}, "too_large")


def _name(written: Path, final: Path) -> None:
    final.parent.mkdir(parents=True, exist_ok=True)
    if not final.exists():
        written.replace(final)


def path_of(sha256: str) -> Path:
    """Return where the bytes of a hash lie."""
    return Path(settings.MEETINGS_DIR) / sha256[:2] / f"{sha256}.gz"


def open_kept(sha256: str) -> BinaryIO:
    """Open kept bytes for reading."""
    return cast("BinaryIO", gzip.open(path_of(sha256), "rb"))


def chunks_of(file: IO[bytes], size: int = 1 << 20) -> Iterable[bytes]:
    """Return the bytes of an open file in pieces."""
    while chunk := file.read(size):
        yield chunk
