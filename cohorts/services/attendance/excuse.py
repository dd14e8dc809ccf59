"""Excusing several people from one session: what it would do to each, and doing it."""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from cohorts import rules
from cohorts.models import AttendanceRecord, Cohort, Enrolment, MarkStatus, Session
from cohorts.services import tallies
from cohorts.services.attendance.save import Mark, mark_attendance
from trainees.models import User

UNTOUCHED = (MarkStatus.PRESENT, MarkStatus.LATE, MarkStatus.EXCUSED)


@dataclass(frozen=True)
class Effect:
    """One person's rates and standing now, and with the session excused."""

    enrolment: Enrolment
    mark: str
    before: rules.Rates
    after: rules.Rates
    was: str
    becomes: str
    stays: bool  # who was there is not excused (R12)


def preview_excuse(*, cohort: Cohort, session: Session, enrolments: Sequence[Enrolment]) -> list[Effect]:
    """Return what excusing these people from `session` would change; writes nothing. Five queries."""
    policy = tallies.policy_of(cohort)
    marks: dict[int, tallies.Marks] = {each.pk: {} for each in enrolments}
    records = AttendanceRecord.objects.filter(enrolment__in=list(marks))
    for enrolment_id, session_id, status, minutes in records.values_list("enrolment_id", *tallies.MARK):
        marks[enrolment_id][session_id] = (status, minutes)
    now = {pk: own.get(session.pk, ("unmarked", 0))[0] for pk, own in marks.items()}
    sessions = list(cohort.sessions.all())
    for meeting in sessions:
        if meeting.pk == session.pk:
            meeting.state = Session.State.HELD  # its first mark holds it
    for own in marks.values():
        own[session.pk] = (MarkStatus.EXCUSED, 0)
    then = tallies.compute(cohort=cohort, enrolments=enrolments, sessions=sessions, marks=marks)
    effects = []
    for each in enrolments:
        changed = copy(each)
        for column, value in then[each.pk].items():
            setattr(changed, column, value)
        before, after = rules.compute_rates(each, policy), rules.compute_rates(changed, policy)
        mark = str(dict(MarkStatus.choices).get(now[each.pk], _("not marked")))
        words = each.get_standing_display(), changed.get_standing_display()
        stays = now[each.pk] in UNTOUCHED
        effects.append(Effect(each, mark, before, after, *words, stays))
    return effects


def excuse_together(
    *,
    session: Session,
    enrolments: Sequence[Enrolment],
    reason: str,
    by: User,
    at: datetime,
    may_correct: bool,
) -> int:
    """Excuse those of these people who were not there from `session`, all or nobody; return how many marks changed.

    Raises ValidationError without a reason, and as `mark_attendance`.
    """
    if not reason.strip():
        raise ValidationError(_("Say why they are excused."), code="required")
    there = AttendanceRecord.objects.filter(session=session, enrolment__in=enrolments, status__in=UNTOUCHED)
    came = set(there.values_list("enrolment_id", flat=True))
    marks = [Mark(each.pk, MarkStatus.EXCUSED) for each in enrolments if each.pk not in came]
    saved = mark_attendance(
        session=session,
        marks=marks,
        version=None,
        by=by,
        at=at,
        channel="office",
        reason=reason.strip()[:200],
        may_correct=may_correct,
    )
    return saved.changed
