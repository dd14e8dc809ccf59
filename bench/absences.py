"""Leave that trainees of a filled database ask for, and marks that they dispute."""

from collections.abc import Iterator
from datetime import timedelta

from bench.fill import NOW, write
from cohorts.models import Appeal, AttendanceRecord, Enrolment, LeaveRequest

ASKS = 5  # each such trainee of a running cohort asks for leave in the days to come
LEAVE = ("requested", "refused", "approved", "approved", "approved", "approved")
SESSION = 5  # every second absence of it is disputed
DISPUTES = ("open", "refused")  # an accepted one would have changed its mark


def write_absences() -> None:
    """Write both; no mark changes, since the days of leave are still to come and no dispute is accepted."""
    write(_leave())
    write(_disputes())


def _leave() -> Iterator[LeaveRequest]:
    asking = Enrolment.objects.filter(status="enrolled", cohort__state="running").order_by("id")
    for n, pk in enumerate(asking.values_list("id", flat=True)[::ASKS]):
        status, asked = LEAVE[n % len(LEAVE)], NOW - timedelta(days=3, minutes=n)
        yield LeaveRequest(
            enrolment_id=pk,
            starts_on=NOW.date() + timedelta(days=1),
            ends_on=NOW.date() + timedelta(days=3),
            reason="A wedding in the family, in another city.",
            status=status,
            requested_at=asked,
            decided_at=None if status == "requested" else asked + timedelta(days=1),
        )


def _disputes() -> Iterator[Appeal]:
    absent = AttendanceRecord.objects.filter(status="absent", session__number=SESSION).order_by("id")
    for n, (enrolment, session) in enumerate(absent.values_list("enrolment_id", "session_id")[::2]):
        status, made = DISPUTES[n % len(DISPUTES)], NOW - timedelta(days=2, minutes=n)
        yield Appeal(
            enrolment_id=enrolment,
            session_id=session,
            disputed="absent",
            wanted="present",
            text="I was there and signed the paper list.",
            status=status,
            made_at=made,
            decided_at=None if status == "open" else made + timedelta(days=1),
        )
