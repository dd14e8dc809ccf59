"""What goes into a save of a register, what comes out of it, and its refusals."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cohorts.models import Session
from cohorts.services.errors import Conflict


@dataclass(frozen=True)
class Mark:
    """One wish for the register: a status, or None to take a mark back.

    `minutes` attended may be left out: present is the whole session, late what the policy gives. `key`
    names the client's write, so that a repeat is known; `at` is when the mark was made, if not now.
    `reason` and `source` (a file and its rows) go before those of the whole save; `evidence` is what a file said.
    """

    enrolment_id: int
    status: str | None
    minutes: int | None = None
    key: str | None = None
    at: datetime | None = None
    reason: str = ""
    source: str = ""
    evidence: dict[str, Any] | None = None


@dataclass(frozen=True)
class Difference:
    """A mark that changed since the client read the register, and what the client wants it to be."""

    enrolment_id: int
    stands: str | None
    wanted: str | None


@dataclass(frozen=True)
class SavedRegister:
    """What a save did. `differences` are the marks that were not written, because somebody else wrote them (R9)."""

    session: Session
    changed: int
    unchanged: int
    differences: tuple[Difference, ...] = ()

    def refuse_stale(self) -> None:
        """Raise StaleRegister where marks clash; call it after the transaction, the others stay written."""
        if self.differences:
            raise StaleRegister(self)


class StaleRegister(Conflict):
    """Somebody else marked the same people in between; `saved` says what was written and what was not (R9)."""

    def __init__(self, saved: SavedRegister) -> None:
        text = _("Somebody else marked the same people in the meantime; compare the marks and save again.")
        super().__init__(text, code="stale_version")
        self.saved = saved


class SessionCancelled(Conflict):
    def __init__(self, session: Session) -> None:
        super().__init__(_("Session %d is cancelled.") % session.number, code="session_cancelled")


class SessionAhead(Conflict):
    def __init__(self, session: Session) -> None:
        text = _("Session %(number)d has not begun; its register opens an hour before.")
        super().__init__(text % {"number": session.number}, code="session_ahead")


class RegisterClosed(Conflict):
    def __init__(self, session: Session) -> None:
        text = _("The register of session %d is closed. Have it reopened, or correct it with a reason.")
        super().__init__(text % session.number, code="register_closed")


class RegisterLocked(Conflict):
    """The lock time has passed: marks that stand are corrected with a right and a reason only."""

    def __init__(self, session: Session) -> None:
        text = _("The register of session %d is locked: a correction needs the right to correct and a reason.")
        super().__init__(text % session.number, code="register_locked")


class UnknownEnrolment(ValidationError):
    def __init__(self, enrolment_ids: Iterable[int]) -> None:
        text = _("These enrolments are not on this register: %s.") % ", ".join(map(str, sorted(enrolment_ids)))
        super().__init__({"marks": ValidationError(text, code="unknown_enrolment")})
