"""Who may do what to a cohort, a session, an enrolment; asked by pages and API alike."""

from typing import Any

from cohorts.models import Cohort, Enrolment, Session


def can_manage(user: Any) -> bool:
    """The programme office and those who may look over its shoulder."""
    return user.is_authenticated and user.is_staff and user.has_perm("cohorts.view_cohort")


def can_mark(user: Any, session: Session) -> bool:
    """The instructors who hold the session, and the office. One query for an instructor."""
    if not user.is_authenticated:
        return False
    if user.has_perm("cohorts.change_attendancerecord"):
        return True
    return Session.objects.held_by(user).filter(pk=session.pk).exists()


def can_decide_absence(user: Any, cohort: Cohort) -> bool:
    """Decide on leave, disputes and make-up: the cohort's own instructors, and the office. One query."""
    if not user.is_authenticated:
        return False
    return user.has_perm("cohorts.change_attendancerecord") or cohort.instructors.filter(pk=user.pk).exists()


def can_excuse(user: Any) -> bool:
    """Excuse several people from a session at once: the office."""
    return user.is_authenticated and user.is_staff and user.has_perm("cohorts.change_attendancerecord")


def can_correct(user: Any) -> bool:
    """Change marks of a closed or locked register or a closed cohort, with a reason."""
    return user.is_authenticated and user.has_perm("cohorts.correct_attendance")


def can_reopen(user: Any) -> bool:
    """Open a closed register again."""
    return user.is_authenticated and user.has_perm("cohorts.reopen_register")


def can_close(user: Any, cohort: Cohort) -> bool:
    """Close a cohort: the office."""
    return user.is_authenticated and user.has_perm("cohorts.change_cohort")


def can_reschedule(user: Any) -> bool:
    """Move, cancel and add sessions, one or many: the office."""
    return user.is_authenticated and user.is_staff and user.has_perm("cohorts.change_session")


def can_announce(user: Any) -> bool:
    """Write to any list of people: the office."""
    return user.is_authenticated and user.is_staff and user.has_perm("cohorts.add_announcement")


def can_write_to(user: Any, cohort: Cohort) -> bool:
    """Write to a cohort: the office, and its own instructors. One query for an instructor."""
    return can_announce(user) or cohort.instructors.filter(pk=user.pk).exists()


def can_change_holidays(user: Any) -> bool:
    """Enter, rename and remove holidays: the office."""
    return user.is_authenticated and user.is_staff and user.has_perm("cohorts.change_holiday")


def can_manage_enrolment(user: Any) -> bool:
    """Enrol, withdraw and transfer other people."""
    return user.is_authenticated and user.has_perm("cohorts.manage_enrolment")


def can_withdraw(user: Any, enrolment: Enrolment) -> bool:
    """The trainee, or the office."""
    return can_manage_enrolment(user) or (user.is_authenticated and enrolment.trainee.user_id == user.pk)


def can_score(user: Any, cohort: Cohort) -> bool:
    """Enter scores: the cohort's own instructors, and the office. One query for an instructor."""
    if not user.is_authenticated:
        return False
    return user.has_perm("cohorts.change_attendancerecord") or cohort.instructors.filter(pk=user.pk).exists()


def can_reopen_cohort(user: Any) -> bool:
    """Take the closing of a cohort back: a privilege of its own (R75)."""
    return user.is_authenticated and user.has_perm("cohorts.reopen_cohort")


def can_grant_exception(user: Any) -> bool:
    """Let a trainee complete by exception (R46)."""
    return user.is_authenticated and user.has_perm("cohorts.grant_exception")
