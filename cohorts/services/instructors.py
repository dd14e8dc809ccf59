"""Who teaches a cohort, and who of them holds which session."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.models import Cohort, CohortInstructor, Session
from cohorts.services.enrolment import lock_cohort
from cohorts.services.errors import CohortClosed, Conflict
from trainees.models import Message, User
from trainees.rules import clean_text, read_email, require
from trainees.services.messages import queue_message


class InstructorRetired(Conflict):
    def __init__(self, user: User) -> None:
        text = _("%s is retired as an instructor: bring them back first, or name somebody else.")
        super().__init__(text % user.get_full_name(), code="instructor_retired")


class NotOfCohort(Conflict):
    def __init__(self) -> None:
        text = _("A session can be given only to instructors of its cohort; load the page again.")
        super().__init__(text, code="not_of_cohort")


@dataclass(frozen=True)
class Given:
    """A session, and by whom it is held before and after; without names all instructors of the cohort hold it."""

    session: Session
    before: list[str]
    after: list[str]


def find_holders(sessions: Iterable[Session]) -> dict[int, list[User]]:
    """Return who holds each session: those it was given to, else all instructors of its cohort. Two queries."""
    cohorts = {each.pk: each.cohort_id for each in sessions}
    rows = CohortInstructor.objects.filter(cohort__in=set(cohorts.values())).select_related("user").order_by("id")
    teachers: dict[int, list[User]] = {pk: [] for pk in cohorts.values()}
    for row in rows:
        teachers[row.cohort_id].append(row.user)
    given: dict[int, set[int]] = {}
    for pk, user in Session.instructors.through.objects.filter(session__in=cohorts).values_list("session", "user"):
        given.setdefault(pk, set()).add(user)
    return {
        pk: [user for user in teachers[cohort] if pk not in given or user.pk in given[pk]]
        for pk, cohort in cohorts.items()
    }


@transaction.atomic
def add_instructor(*, cohort: Cohort, email: str, name: str, by: User | None, at: datetime) -> User:
    """Name an instructor of a cohort and tell them; who has no account gets one and is invited by mail.

    Raises CohortClosed, InstructorRetired, and ValidationError for a wrong address. At most ten queries.
    """
    locked = _lock_open(cohort)
    user = name_instructor(email=email, name=name)
    before = _names(locked)
    row, added = CohortInstructor.objects.get_or_create(cohort=locked, user=user)
    if added:
        _record(locked, before, by, at)
        tell_named(row=row, at=at)
    return user


def name_instructor(*, email: str, name: str) -> User:
    """Return the account of an address, locked, made where there is none. Raises InstructorRetired. Two queries."""
    address = str(require(read_email(email)))
    user = User.objects.select_for_update(no_key=True).filter(email=address).first()
    if user is None:
        return User.objects.create_user(address, full_name=clean_text(name, 120))
    if user.retired_at:
        raise InstructorRetired(user)
    return user


@transaction.atomic
def remove_instructor(*, cohort: Cohort, user: User, by: User | None, at: datetime) -> None:
    """Take an instructor from a cohort; the sessions given to them alone are held by the others. Six queries."""
    locked = _lock_open(cohort)
    before = _names(locked)
    Session.instructors.through.objects.filter(session__cohort=locked, user=user).delete()
    if CohortInstructor.objects.filter(cohort=locked, user=user).delete()[0]:
        _record(locked, before, by, at)


@transaction.atomic
def give_sessions(
    *, cohort: Cohort, holders: Mapping[int, Iterable[int]], by: User | None, at: datetime
) -> list[Given]:
    """Give sessions of a cohort to some of its instructors, by ids; nobody named means all of them.

    Registers, days, calendars and reminders follow. Returns what changed. Raises CohortClosed, NotOfCohort.
    Seven queries.
    """
    locked = _lock_open(cohort)
    names = {user.pk: user.get_full_name() for user in locked.instructors.all()}
    sessions = {each.pk: each for each in locked.sessions.prefetch_related("instructors").order_by("number")}
    if not set(holders) <= set(sessions) or not {pk for each in holders.values() for pk in each} <= set(names):
        raise NotOfCohort
    changes, rows = [], []
    through = Session.instructors.through
    for pk, wanted in holders.items():
        stood = {user.pk for user in sessions[pk].instructors.all()}
        if stood != (named := set(wanted)):
            changes.append(Given(sessions[pk], _sorted(names, stood), _sorted(names, named)))
            rows += [through(session_id=pk, user_id=each) for each in named]
    through.objects.filter(session__in=[each.session.pk for each in changes]).delete()
    through.objects.bulk_create(rows)
    if changes:
        changed = {
            f"session {each.session.number}": [each.before or ["all"], each.after or ["all"]] for each in changes
        }
        record(act="cohort.give_sessions", by=by, at=at, subject=locked, detail={"changed": changed})
    return changes


def tell_named(*, row: CohortInstructor, at: datetime) -> None:
    """Tell somebody that they are named on a cohort, once each time they are named: the first mail is the invitation.

    At most two queries; the cohort is loaded with its course and programme.
    """
    if not invite_instructor(user=row.user, cohort=row.cohort, at=at):
        _write(row.user, "named", f"named:{row.pk}", row.cohort, at)


def invite_instructor(*, user: User, cohort: Cohort | None, at: datetime) -> bool:
    """Invite an instructor who has no password and was never invited; return whether they are. Two queries."""
    key = f"invited:{user.email}"
    if user.last_login or user.has_usable_password() or Message.objects.filter(key=key).exists():
        return False
    _write(user, "invited", key, cohort, at)
    return True


def _write(user: User, kind: str, key: str, cohort: Cohort | None, at: datetime) -> None:
    """Write a mail in the person's language."""
    with translation.override(user.language):
        subject = _("You teach %s") % cohort.code if cohort else _("You are invited as an instructor")
        words = {"name": user.get_full_name(), "cohort": cohort, "site": settings.SITE_URL, "subject": subject}
        queue_message(
            at=at,
            key=key,
            to=user.email,
            kind=kind,
            about=cohort.code if cohort else "",
            language=user.language,
            subject=subject,
            text=render_to_string(f"emails/{kind}.txt", words),
            html=render_to_string(f"emails/{kind}.html", words),
        )


def _lock_open(cohort: Cohort) -> Cohort:
    locked = lock_cohort(cohort)
    if locked.state == Cohort.State.CLOSED:
        raise CohortClosed(locked)
    return locked


def _names(cohort: Cohort) -> list[str]:
    return sorted(user.get_full_name() for user in cohort.instructors.all())


def _sorted(names: Mapping[int, str], ids: Iterable[int]) -> list[str]:
    return sorted(names.get(pk, "") for pk in ids)


def _record(cohort: Cohort, before: list[str], by: User | None, at: datetime) -> None:
    changed = {"instructors": [before, _names(cohort)]}
    record(act="cohort.instructors", by=by, at=at, subject=cohort, detail={"changed": changed})
