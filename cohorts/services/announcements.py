"""Writing to a cohort or a filtered list: a text with placeholders, looked at first, sent once, at its time."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Length
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from audit.services import record
from cohorts.filters import EnrolmentFilter
from cohorts.models import Announcement, Cohort, Enrolment
from cohorts.services.errors import Conflict
from trainees.models import Message, User
from trainees.services.messages import Mail, cancel_queued, queue_messages

PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")
NAMES = ("name", "number", "cohort", "course", "starts_on", "ends_on", "venue", "programme")
PART = 500  # people whose mails are written in one transaction
State = Announcement.State


class UnknownPlaceholder(ValidationError):
    def __init__(self, field: str, names: Sequence[str]) -> None:
        text = _("%(names)s cannot be filled in; use %(known)s.")
        values = {"names": ", ".join(f"{{{name}}}" for name in names), "known": ", ".join(f"{{{n}}}" for n in NAMES)}
        super().__init__({field: ValidationError(text % values, code="placeholder")})


class NobodyToTell(ValidationError):
    def __init__(self) -> None:
        super().__init__(_("Nobody is on this list; widen the filter."), code="nobody")


class TextMissing(ValidationError):
    def __init__(self, field: str) -> None:
        text = _("Give a subject and a text, in English or in Urdu or in both.")
        super().__init__({field: ValidationError(text, code="required")})


class AnnouncementGone(Conflict):
    def __init__(self) -> None:
        super().__init__(_("All its mails have gone out already, or it was cancelled."), code="announcement_gone")


@dataclass(frozen=True)
class Letter:
    """A text in English, in Urdu or in both."""

    subject: str = ""
    body: str = ""
    subject_ur: str = ""
    body_ur: str = ""

    def check(self) -> None:
        """Raise TextMissing or UnknownPlaceholder."""
        for subject, body in (("subject", "body"), ("subject_ur", "body_ur")):
            if bool(getattr(self, subject)) != bool(getattr(self, body)):
                raise TextMissing(body if getattr(self, subject) else subject)
        if not self.body and not self.body_ur:
            raise TextMissing("body")
        for field in ("subject", "body", "subject_ur", "body_ur"):
            if unknown := sorted({name for name in PLACEHOLDER.findall(getattr(self, field)) if name not in NAMES}):
                raise UnknownPlaceholder(field, unknown)


@dataclass(frozen=True)
class Written:
    """What one person gets."""

    enrolment: Enrolment
    language: str
    subject: str
    body: str


def recipients_of(*, by: User, cohort: Cohort | None, filter: Mapping[str, Any]) -> QuerySet[Enrolment]:
    """Return one enrolment, the first, for each person on the list, within what `by` may see, by name.

    Without a status in the filter, and nobody named by `ids`, only the enrolled are meant. A filter that cannot be
    read means nobody: were the unreadable part passed over, the letter would go to more people than were meant.
    """
    wanted = {name: value for name, value in filter.items() if value}
    if "ids" not in wanted:
        wanted.setdefault("status", Enrolment.Status.ENROLLED)
    visible = Enrolment.objects.visible_to(by)
    if not by.has_perm("cohorts.add_announcement"):
        visible = visible.filter(cohort__in=Cohort.objects.taught_by(by))
    narrowed = EnrolmentFilter(wanted, queryset=visible)
    if not narrowed.is_valid():
        return Enrolment.objects.none()
    found = narrowed.qs
    found = found.filter(cohort=cohort) if cohort is not None else found
    if wanted.get("status") not in Enrolment.OPEN:  # of the open ones nobody has two
        found = found.filter(pk__in=found.order_by().values("trainee").annotate(first=Min("pk")).values("first"))
    whole: QuerySet[Enrolment] = found.select_related("trainee__user", "cohort__course__programme")
    return whole.order_by("trainee__full_name", "id")


def write_to(enrolment: Enrolment, letter: Letter) -> Written:
    """Fill the placeholders for one person, in the person's language if the letter has it."""
    user = enrolment.trainee.user
    reads_urdu = user is not None and user.language == User.Language.URDU
    urdu = bool(letter.body_ur) and (reads_urdu or not letter.body)
    language = User.Language.URDU if urdu else User.Language.ENGLISH
    with translation.override(language):
        values = _values(enrolment, urdu)
    subject, body = (letter.subject_ur, letter.body_ur) if urdu else (letter.subject, letter.body)
    return Written(enrolment, language, fill(subject, values), fill(body, values))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Replace {name} and its like, once: what a value contains is never read again."""
    return PLACEHOLDER.sub(lambda found: values[found[1]], text)


def choose_examples(people: QuerySet[Enrolment]) -> list[Enrolment]:
    """Return whom a preview shows: the first, the longest name, and somebody who reads Urdu. Three queries."""
    longest = people.order_by(Length("trainee__full_name").desc(), "trainee__full_name", "id")
    urdu = people.filter(trainee__user__language=User.Language.URDU)
    chosen = [*people[:1], *longest[:1], *urdu[:1]]
    return list({each.pk: each for each in chosen}.values())


@transaction.atomic
def announce(
    *,
    letter: Letter,
    cohort: Cohort | None,
    filter: Mapping[str, Any],
    by: User,
    at: datetime,
    send_after: datetime | None = None,
) -> Announcement:
    """Take a letter in; the worker writes the mails at once, or at `send_after`.

    Raises TextMissing, UnknownPlaceholder, NobodyToTell. Four queries.
    """
    letter.check()
    recipients = recipients_of(by=by, cohort=cohort, filter=filter).count()
    if not recipients:
        raise NobodyToTell
    kept = {name: value for name, value in filter.items() if value}
    announcement = Announcement.objects.create(
        cohort=cohort,
        filter=kept,
        subject=letter.subject,
        body=letter.body,
        subject_ur=letter.subject_ur,
        body_ur=letter.body_ur,
        by=by,
        created_at=at,
        send_after=max(at, send_after or at),
        recipients=recipients,
    )
    record(act="announcement.create", by=by, at=at, subject=announcement, detail={"recipients": recipients})
    transaction.on_commit(lambda: current_app.send_task("cohorts.tasks.sweep_announcements"), robust=True)
    return announcement


def due_announcements(*, at: datetime) -> list[int]:
    """Return the ids of those whose time has come. One query."""
    due = Announcement.objects.filter(state=State.WAITING, send_after__lte=at)
    return list(due.order_by("id").values_list("id", flat=True))


def write_announcement(*, announcement_id: int, at: datetime) -> int:
    """Write the mails of one announcement, to those who are on its list now. Return how many people are on it.

    They are written in parts, each in a transaction that looks whether the row still waits: a worker that is
    stopped goes on after the last part, and a second one finds the row written or the keys taken.
    """
    announcement = Announcement.objects.select_related("by", "cohort").filter(pk=announcement_id).first()
    if announcement is None or announcement.state != State.WAITING or announcement.by is None:
        return 0
    people = recipients_of(by=announcement.by, cohort=announcement.cohort, filter=announcement.filter).order_by("pk")
    last, count = 0, 0
    while True:
        part = list(people.filter(pk__gt=last)[:PART])
        count, is_last = count + len(part), len(part) < PART
        if not _write_part(announcement, part, count if is_last else None, at):
            return 0
        if is_last:
            return count
        last = part[-1].pk


def _write_part(announcement: Announcement, people: list[Enrolment], total: int | None, at: datetime) -> bool:
    """Queue the mails of some; with the `total` the announcement is written. Return whether it still waited."""
    keys = {key_of(announcement, each): each for each in people}
    taken = set(Message.objects.filter(key__in=list(keys)).values_list("key", flat=True))
    mails = [_mail(announcement, each) for key, each in keys.items() if key not in taken]
    with transaction.atomic():
        waiting = Announcement.objects.filter(pk=announcement.pk, state=State.WAITING)
        if not list(waiting.select_for_update(no_key=True).values_list("pk")):
            return False
        queue_messages(mails=mails, at=at)
        if total is not None:
            waiting.update(state=State.WRITTEN, recipients=total)
    return True


@transaction.atomic
def cancel_announcement(*, announcement: Announcement, by: User, at: datetime) -> int:
    """Take an announcement back: all of it before its time, after that the mails that have not gone out.

    Raises AnnouncementGone when nothing is left to take back. Returns how many people are spared.
    """
    locked = Announcement.objects.select_for_update(no_key=True).get(pk=announcement.pk)
    spared = cancel_queued(causes=[cause_of(locked)], at=at) if locked.state != State.CANCELLED else 0
    if locked.state == State.WAITING:
        spared = locked.recipients - Message.objects.filter(cause=cause_of(locked), state="sent").count()
    if not spared:
        raise AnnouncementGone
    if locked.state == State.WAITING:
        locked.state = State.CANCELLED
        locked.save(update_fields=["state"])
    record(act="announcement.cancel", by=by, at=at, subject=locked, detail={"spared": spared})
    return spared


def cause_of(announcement: Announcement) -> str:
    return f"announcement-{announcement.pk}"


def key_of(announcement: Announcement, enrolment: Enrolment) -> str:
    return f"{cause_of(announcement)}-t{enrolment.trainee_id}"


def count_mails(announcements: Sequence[Announcement]) -> dict[int, dict[str, int]]:
    """Return for each announcement how many mails are queued, sent, failed, cancelled. One query."""
    causes = {cause_of(each): each.pk for each in announcements}
    states = {state: Count("id", filter=Q(state=state)) for state in Message.State.values}
    found = Message.objects.filter(cause__in=list(causes)).values_list("cause").annotate(**states)
    return {causes[cause]: dict(zip(states, counts, strict=True)) for cause, *counts in found}


def _mail(announcement: Announcement, enrolment: Enrolment) -> Mail:
    letter = Letter(announcement.subject, announcement.body, announcement.subject_ur, announcement.body_ur)
    written, cohort = write_to(enrolment, letter), enrolment.cohort
    with translation.override(written.language):
        context = {
            "written": written,
            "cohort": cohort,
            "programme": cohort.course.programme,
            "by": announcement.by,
            "site": settings.SITE_URL,
        }
        return Mail(
            key=key_of(announcement, enrolment),
            kind="announcement",
            cause=cause_of(announcement),
            about=cohort.code,
            trainee_id=enrolment.trainee_id,
            language=written.language,
            to=enrolment.trainee.email,
            subject=written.subject,
            text=render_to_string("emails/announcement.txt", context),
            html=render_to_string("emails/announcement.html", context),
        )


def _values(enrolment: Enrolment, urdu: bool) -> dict[str, str]:
    trainee, cohort = enrolment.trainee, enrolment.cohort
    course, programme = cohort.course, cohort.course.programme
    return {
        "name": (trainee.full_name_ur if urdu else "") or trainee.full_name,
        "number": trainee.number,
        "cohort": cohort.code,
        "course": (course.title_ur if urdu else "") or course.title,
        "starts_on": date_format(cohort.starts_on, "j F Y"),
        "ends_on": date_format(cohort.ends_on, "j F Y") if cohort.ends_on else "",
        "venue": cohort.venue or str(cohort.get_mode_display()),
        "programme": (programme.title_ur if urdu else "") or programme.title,
    }
