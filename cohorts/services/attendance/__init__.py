"""The register: marks and their ledger, closing and reopening, people on no list."""

from cohorts.services.attendance.closing import close_due_registers, close_register, confirm_marks, reopen_register
from cohorts.services.attendance.marks import (
    Difference,
    Mark,
    RegisterClosed,
    RegisterLocked,
    SavedRegister,
    SessionAhead,
    SessionCancelled,
    StaleRegister,
    UnknownEnrolment,
)
from cohorts.services.attendance.save import mark_attendance
from cohorts.services.attendance.walk_ins import match_walk_in, note_walk_in

__all__ = [
    "Difference",
    "Mark",
    "RegisterClosed",
    "RegisterLocked",
    "SavedRegister",
    "SessionAhead",
    "SessionCancelled",
    "StaleRegister",
    "UnknownEnrolment",
    "close_due_registers",
    "close_register",
    "confirm_marks",
    "mark_attendance",
    "match_walk_in",
    "note_walk_in",
    "reopen_register",
]
