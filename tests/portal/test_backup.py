"""`manage.py backup` and `restore`: what was there is there again, and nothing is overwritten."""

import json
import tarfile

import pytest

from tests.conftest import Installation

pytestmark = pytest.mark.worker

WRITE = """
from django.utils import timezone
from audit.services import record
from trainees.models import User
for n in range(20):
    user = User.objects.create_user(email=f"person{n}@example.org", password="a long pass word")
    record(act="trainee.create", by=user, at=timezone.now(), subject=user, detail={"n": n})
"""
COUNT = """
from audit.models import AuditEntry
from trainees.models import User
person = User.objects.get(email="person7@example.org")
print(User.objects.count(), AuditEntry.objects.count(), person.check_password("a long pass word"))
"""


@pytest.fixture
def full(installation: Installation) -> Installation:
    installation.python(WRITE)
    for name in ("certificates/00/a.pdf", "mail/one.eml", "cache/old", "broker/queue/bell"):
        path = installation.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"content of {name}")
    return installation


def test_brings_everything_back(full, empty_installation, tmp_path):
    target = tmp_path / "copy.tar"

    full.manage("backup", str(target))
    empty_installation.manage("restore", str(target))

    assert empty_installation.python(COUNT).split() == full.python(COUNT).split() == ["20", "20", "True"]
    assert "No changes" in empty_installation.manage("makemigrations", "--check", "--dry-run")
    empty_installation.manage("migrate", "--check")
    empty_installation.manage("check_audit")  # its seals need the key of the old place
    assert (empty_installation.folder / "certificates/00/a.pdf").read_text() == "content of certificates/00/a.pdf"
    assert (empty_installation.folder / "mail/one.eml").exists()
    assert not (empty_installation.folder / "cache/old").exists()
    assert not (empty_installation.folder / "broker/queue/bell").exists()
    assert not list(empty_installation.folder.glob(".backup-*"))


def test_a_backup_is_for_its_owner_alone_and_stays_out_of_the_next_one(full):
    full.manage("backup")
    (target,) = (full.folder / "backups").iterdir()

    full.manage("backup", str(full.folder / "backups" / "second.tar"))

    assert target.stat().st_mode & 0o077 == 0
    with tarfile.open(full.folder / "backups" / "second.tar") as tar:
        assert not [name for name in tar.getnames() if "backups" in name]
        assert "hunar-backup.json" in tar.getnames()


def test_refuses_to_overwrite(full, empty_installation, tmp_path):
    target = tmp_path / "copy.tar"
    full.manage("backup", str(target))
    before = target.read_bytes()

    again = full.manage("backup", str(target), check=False)
    into_full = full.manage("restore", str(target), check=False)
    (empty_installation.folder / "mail").mkdir()
    (empty_installation.folder / "mail" / "somebodys.eml").write_text("mine")
    into_files = empty_installation.manage("restore", str(target), check=False)

    assert "exists already" in again
    assert target.read_bytes() == before
    assert "The database is not empty" in into_full
    assert "somebodys.eml" in into_files
    assert full.python(COUNT).split() == ["20", "20", "True"]


def test_refuses_what_is_no_backup_of_this_database_before_writing(full, empty_installation, tmp_path):
    whole, other = tmp_path / "whole.tar", tmp_path / "other.tar"
    full.manage("backup", str(whole))
    cut, text = tmp_path / "cut.tar", tmp_path / "text.tar"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    text.write_text("no tar at all")
    (tmp_path / "hunar-backup.json").write_text(json.dumps({"format": 1, "database": "oracle"}))
    with tarfile.open(other, "w") as tar:
        tar.add(tmp_path / "hunar-backup.json", "hunar-backup.json")

    said = {
        path.name: empty_installation.manage("restore", str(path), check=False)
        for path in (cut, text, other, tmp_path / "no")
    }

    assert "cannot be read as a backup" in said["cut.tar"]
    assert "cannot be read as a backup" in said["text.tar"]
    assert "The backup is of oracle" in said["other.tar"]
    assert "cannot be read as a backup" in said["no"]
    assert not any("Traceback" in text for text in said.values())
    empty_installation.manage("restore", str(whole))
    assert empty_installation.python(COUNT).split() == ["20", "20", "True"]
