"""A register under its lock: who is on it and what stands, read once for marks and tallies alike."""

from dataclasses import dataclass, field

from cohorts.models import AttendanceChange, Cohort, Enrolment, Session
from cohorts.services import tallies
from cohorts.services.tallies import Marks, People
from courses.models import AttendancePolicy


@dataclass
class Register:
    """What a save reads, and the lines of the ledger that it will write."""

    session: Session
    sessions: list[Session]
    policy: AttendancePolicy
    people: People
    changes: list[AttendanceChange] = field(default_factory=list)

    @property
    def cohort(self) -> Cohort:
        return self.session.cohort

    @property
    def enrolments(self) -> dict[int, Enrolment]:
        return self.people.enrolments

    @property
    def marks(self) -> dict[int, Marks]:
        return self.people.marks

    def standing(self, enrolment_id: int) -> tuple[str, int] | None:
        """Return status and minutes of a mark of this session, or None."""
        return self.marks[enrolment_id].get(self.session.pk)


def open_register(session: Session) -> Register:
    """Lock the cohort and read its sessions, enrolments and marks. Two queries, a third before a cohort's start.

    The cohort's row is locked, not the session's alone: two registers of one cohort write the same tallies.
    It is named first, so that whoever holds the cohort and wants a session waits for nobody.
    """
    locked = Session.objects.select_for_update(no_key=True, of=("cohort", "self")).select_related("cohort__policy")
    sessions = list(locked.filter(cohort=session.cohort_id).order_by("number"))
    this = next(each for each in sessions if each.pk == session.pk)
    return Register(this, sessions, tallies.policy_of(this.cohort), tallies.read_people(this.cohort, this.date))
