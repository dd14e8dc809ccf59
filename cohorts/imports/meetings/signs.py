"""The signs by which registers and lists say how somebody was there."""

import re

from cohorts.imports.meetings.words import fold

SIGNS = {
    "present": "p|pr|present|✓|✔|☑|√|1|y|yes|true|in|/|حاضر|ح|ح ر|حاضری|●|•|ja|x present"
    "|attended|presente|anwesend|出席|出",
    "absent": "a|ab|abs|absent|✗|✘|☒|×|x|0|n|no|false|غیر حاضر|غ|غ ح|غیرحاضر|abwesend|ausente|欠|欠席|缺席",
    "late": "l|lt|late|t|tardy|late arrival|دیر|تاخیر|د|دیر سے|verspatet|tarde|retard|遅刻|迟到",
    "excused": "leave|lv|le|e|ex|exc|excused|on leave|sl|cl|ml|el|sick|sick leave|casual leave|medical|medical leave|r"
    "|رخصت|ر|چھٹی|چ|entschuldigt|justificado|excuse|請假|请假|公欠",
    "holiday": "h|hol|holiday|off|eid|closed|تعطیل|عید|gazetted holiday|public holiday|no class|cancelled|-|--|—|–",
}
STATUS_OF = {fold(sign) or sign: status for status, signs in SIGNS.items() for sign in signs.split("|")}


def status_of(mark: str, legend: dict[str, str]) -> str:
    """Return present, late, excused, absent, "" for none (or a holiday), "?" for a sign that we cannot read."""
    sign = fold(mark) or mark.strip()
    if not sign:
        return ""
    status = legend.get(sign) or STATUS_OF.get(sign) or STATUS_OF.get(mark.strip()) or _with_detail(sign)
    return "" if status == "holiday" else status or "?"


def _with_detail(sign: str) -> str:
    """Read "L 15", "late 10 min", "P (10:20)": the first word is the mark."""
    first = re.sub(r"\d.*$", "", sign).strip()
    return STATUS_OF.get(first, "") if first and first != sign else ""
