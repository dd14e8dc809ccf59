"""What others made and we ship: each file under static/vendor/ stands in vendor.json with its sum.

After a change there: `python -m tests.test_vendor` writes the sums anew; name and licence are written by hand.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "static" / "vendor"
LIST = FOLDER / "vendor.json"


def read_list() -> list[dict[str, Any]]:
    return json.loads(LIST.read_text(encoding="utf-8"))


def sums_of(folder: Path) -> dict[str, str]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}


def test_every_vendored_folder_is_named_with_version_and_licence():
    listed = {f"{entry['name']}-{entry['version']}": entry["licence"] for entry in read_list()}

    assert set(listed) == {path.name for path in FOLDER.iterdir() if path.is_dir()}
    assert set(listed.values()) <= {"MIT", "OFL-1.1", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "ISC"}
    assert all((FOLDER / name / "LICENSE").is_file() for name in listed)


def test_every_vendored_file_is_as_it_came():
    for entry in read_list():
        assert entry["sha256"] == sums_of(FOLDER / f"{entry['name']}-{entry['version']}")


def write_sums() -> None:
    entries = read_list()
    for entry in entries:
        entry["sha256"] = sums_of(FOLDER / f"{entry['name']}-{entry['version']}")
    LIST.write_text(json.dumps(entries, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write_sums()
