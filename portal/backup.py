"""One file that holds an installation: a consistent copy of the database and everything else it wrote.

The database is copied first and the files after it: a file is written before its row says so and is never
changed, so each row of the copy finds its file in it. Mail is told by rows, cache and broker are rebuilt.
"""

import contextlib
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils.translation import gettext as _

FORMAT = 1
ABOUT = "hunar-backup.json"
DUMP = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
FILES = "files"
TEMPORARY = ".backup-"
REBUILT = {"archives", "backups", "broker", "cache", "exports", "static", "beat-schedule", "beat.pid"}


class BackupRefused(ValidationError):
    """The backup cannot be written, or cannot be put there."""


def write_backup(*, target: Path, at: datetime) -> dict[str, int]:
    """Write the installation into one tar file, under a temporary name until it is whole.

    Raise `BackupRefused` when `target` exists. Return the number of files and bytes.
    """
    if target.exists():
        raise BackupRefused(_("%(path)s exists already.") % {"path": target}, code="target_exists")
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=TEMPORARY) as folder:
        part, dump = Path(folder) / "part", Path(folder) / DUMP[connection.vendor]
        _dump_database(dump)
        # Keys are in it: for the owner's eyes only.
        with open(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add_text(tar, ABOUT, _about(at))
                tar.add(dump, dump.name)
                paths = list(_own_files())
                for path in paths:
                    with contextlib.suppress(FileNotFoundError):  # a temporary file that got its last name
                        tar.add(path, f"{FILES}/{path.relative_to(settings.DATA_DIR)}", recursive=False)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    return {"files": len(paths), "bytes": target.stat().st_size}


def _about(at: datetime) -> str:
    facts = {"format": FORMAT, "database": connection.vendor, "at": at.isoformat(), "site": settings.SITE_URL}
    return json.dumps(facts, indent=1)


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(text.encode()), 0o600
    tar.addfile(entry, io.BytesIO(text.encode()))


def _own_files() -> Iterator[Path]:
    """Yield what this installation wrote and could not make again."""
    database = Path(str(connection.settings_dict["NAME"])).name
    left_out = REBUILT | {database, f"{database}-wal", f"{database}-shm"}
    for path in sorted(settings.DATA_DIR.rglob("*")):
        first = path.relative_to(settings.DATA_DIR).parts[0]
        if first not in left_out and not first.startswith(TEMPORARY) and path.is_file() and not path.is_symlink():
            yield path


def _dump_database(target: Path) -> None:
    """Copy the database as it stands at one moment, while others write."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--file", str(target))
        return
    connection.ensure_connection()
    copy = sqlite3.connect(target)
    with contextlib.closing(copy):
        connection.connection.backup(copy)


def restore_backup(*, source: Path) -> dict[str, int]:
    """Put a backup into this installation, which must be empty. Return the number of files.

    Raise `BackupRefused` before anything is written: for what is no backup of ours, one of the other
    database, a database that holds tables, or a data folder that holds files of an installation.
    """
    with _opened(source) as tar:
        members = _checked_members(tar)
        _refuse_unless_empty()
        with tempfile.TemporaryDirectory(dir=settings.DATA_DIR, prefix=TEMPORARY) as folder:
            tar.extractall(folder, members=members, filter="data")
            _load_database(Path(folder) / DUMP[connection.vendor])
            return {"files": _put_files(Path(folder) / FILES)}


@contextlib.contextmanager
def _opened(source: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(source) as tar:
            yield tar
    except (OSError, tarfile.TarError, EOFError) as error:
        message = _("%(path)s cannot be read as a backup: %(why)s") % {"path": source, "why": error}
        raise BackupRefused(message, code="unreadable") from error


def _checked_members(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    members = tar.getmembers()  # reads to the end: a truncated file is refused here
    about = _read_about(tar)
    if about.get("format") != FORMAT:
        raise BackupRefused(_("This is not a backup of Hunar."), code="foreign")
    if about.get("database") != connection.vendor:
        message = _("The backup is of %(theirs)s, this installation runs on %(ours)s. Set DATABASE_URL accordingly.")
        facts = {"theirs": about.get("database"), "ours": connection.vendor}
        raise BackupRefused(message % facts, code="other_database")
    return members


def _read_about(tar: tarfile.TarFile) -> dict[str, Any]:
    try:
        file = tar.extractfile(ABOUT)
        about = json.loads(file.read()) if file else {}
    except (KeyError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _refuse_unless_empty() -> None:
    if connection.introspection.table_names():
        message = _("The database is not empty. Restore into a new one (HUNAR_DATA or DATABASE_URL).")
        raise BackupRefused(message, code="not_empty")
    # The secret of an installation that only ran this command is replaced; anything else is somebody's.
    others = [path for path in _own_files() if path.relative_to(settings.DATA_DIR).parts[0] != "keys"]
    if others:
        message = _("%(folder)s holds files already, such as %(name)s.")
        raise BackupRefused(message % {"folder": settings.DATA_DIR, "name": others[0].name}, code="not_empty")


def _load_database(dump: Path) -> None:
    if connection.vendor == "postgresql":
        connection.close()
        _run("pg_restore", "--no-owner", "--exit-on-error", "--single-transaction", str(dump), restore=True)
        return
    connection.ensure_connection()
    with contextlib.closing(sqlite3.connect(dump)) as copy:
        copy.backup(connection.connection)


def _put_files(folder: Path) -> int:
    count = 0
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            target = settings.DATA_DIR / path.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
            count += 1
    return count


def _run(program: str, *arguments: str, restore: bool = False) -> None:
    """Run one of PostgreSQL's programs on our database; its password travels by the environment."""
    facts = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    environment = {name: str(facts[key]) for name, key in names.items() if facts.get(key)}
    command = [program, *(["--dbname", str(facts["NAME"])] if restore else []), *arguments]
    try:
        subprocess.run(command, env={**os.environ, **environment}, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        message = _("%(program)s is missing: install postgresql-client.") % {"program": program}
        raise BackupRefused(message, code="program_missing") from error
    except subprocess.CalledProcessError as error:
        message = _("%(program)s failed: %(why)s") % {"program": program, "why": error.stderr.strip()[-500:]}
        raise BackupRefused(message, code="program_failed") from error
