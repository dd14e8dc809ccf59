"""Meeting reports: files taken in and read, people decided, marks written; R27 to R31."""

from cohorts.services.meetings.confirm import Confirmed, Proposal, Proposed, confirm_report, propose_report
from cohorts.services.meetings.direct import Imported, Source, import_files
from cohorts.services.meetings.files import (
    Added,
    add_file,
    discard_file,
    move_files,
    read_kept,
    ring,
    share_files,
    waiting_files,
)
from cohorts.services.meetings.forgetting import due_files, forget_trainee, remove_file
from cohorts.services.meetings.people import decide_person, undo_decision
from cohorts.services.meetings.settling import Effect, look_at_file, read_lines, settle_file
from cohorts.services.meetings.taking_back import TakeBack, plan_take_back, take_back_marks

__all__ = [
    "Added",
    "Confirmed",
    "Effect",
    "Imported",
    "Proposal",
    "Proposed",
    "Source",
    "TakeBack",
    "add_file",
    "confirm_report",
    "decide_person",
    "discard_file",
    "due_files",
    "forget_trainee",
    "import_files",
    "look_at_file",
    "move_files",
    "plan_take_back",
    "propose_report",
    "read_kept",
    "read_lines",
    "remove_file",
    "ring",
    "settle_file",
    "share_files",
    "take_back_marks",
    "undo_decision",
    "waiting_files",
]
