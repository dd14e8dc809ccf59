"""What a line of the ledger opens when its mark came from a file: the file with its sum, the lines, the times."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cohorts.meeting_page import Bar, Scale, tell_seconds
from cohorts.models import AttendanceChange, MeetingFile


@dataclass(frozen=True)
class FileProof:
    """One file of a mark, with the lines of the person in it (none: not met)."""

    file: MeetingFile
    lines: str
    rows: int

    @property
    def short_sum(self) -> str:
        return f"{self.file.sha256[:8]} … {self.file.sha256[-4:]}"


@dataclass(frozen=True)
class Proof:
    """The files behind a mark, and where they give times, the bars on the scale of the session."""

    files: Sequence[FileProof]
    inside: str = ""
    is_most: bool = False  # sums without moments: the most it can have been
    bars: Sequence[Bar] = ()
    frame: Bar | None = None
    ticks: Sequence[str] = ()


def proofs_of(changes: Iterable[AttendanceChange]) -> dict[int, Proof]:
    """Return the proof of each change that has one. One query; sessions come with their cohorts."""
    proven = {change: change.evidence for change in changes if change.evidence}
    wanted = {each["file"] for evidence in proven.values() for each in evidence["files"]}
    files = MeetingFile.objects.filter(pk__in=wanted).select_related("uploaded_by").defer("reading").in_bulk()
    return {change.pk: _proof(change, evidence, files) for change, evidence in proven.items()}


def _proof(change: AttendanceChange, evidence: dict[str, Any], files: dict[int, MeetingFile]) -> Proof:
    parts = [
        FileProof(files[each["file"]], ", ".join(map(str, each["lines"])), each["rows"])
        for each in evidence["files"]
        if each["file"] in files
    ]
    if "inside" not in evidence:
        return Proof(parts)
    facts = {"inside": tell_seconds(evidence["inside"]), "all": tell_seconds(change.session.minutes * 60)}
    scale, spans = Scale(change.session), [(start, end) for start, end in evidence["spans"]]
    inside = _("%(inside)s of %(all)s") % facts
    bars = scale.bars(spans)
    return Proof(parts, inside, evidence["estimated"], bars, scale.session() if bars else None, scale.ticks())
