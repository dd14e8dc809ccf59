"""Background work on cohorts. A task may run twice without harm: what is to be done is read again under its lock."""

from celery import shared_task
from django.utils import timezone

from cohorts.services import announcements, reminders, schedule, warnings
from cohorts.services.attendance import close_due_registers
from cohorts.services.enrolment.leaving import due_cohorts, release_expired
from cohorts.services.meetings import due_files, read_kept, remove_file, waiting_files


@shared_task
def sweep_places() -> None:
    """Free the places whose hold or offer has run out, and ask the next in line."""
    now = timezone.now()
    for cohort in due_cohorts(at=now):
        release_expired(cohort=cohort, at=now)


@shared_task
def sweep_timetables() -> None:
    """Carry out the changes of timetables that wait."""
    for change_id in schedule.waiting_changes():
        schedule.carry_out(change_id=change_id, at=timezone.now())


@shared_task
def read_meeting_file(*, file_id: int) -> None:
    """Read one uploaded file of attendance."""
    read_kept(file_id=file_id, at=timezone.now())


@shared_task
def sweep_meeting_files() -> None:
    """Read what a lost message or a dead worker left unread."""
    for file_id in waiting_files(at=timezone.now()):
        read_kept(file_id=file_id, at=timezone.now())


@shared_task
def remove_meeting_files() -> None:
    """Remove the files of reports that were kept long enough."""
    for file_id in due_files(at=timezone.now()):
        remove_file(file_id=file_id, at=timezone.now())


@shared_task
def sweep_announcements() -> None:
    """Write the mails of announcements whose time has come."""
    for announcement_id in announcements.due_announcements(at=timezone.now()):
        announcements.write_announcement(announcement_id=announcement_id, at=timezone.now())


@shared_task
def sweep_reminders() -> None:
    """Remind trainees of the sessions of the next day, and instructors of registers left unmarked."""
    reminders.remind_trainees(at=timezone.now())
    reminders.remind_instructors(at=timezone.now())


@shared_task
def close_registers() -> None:
    """Close the registers whose lock time has passed."""
    close_due_registers(at=timezone.now())


@shared_task
def warn_trainees() -> None:
    """Tell those whose attendance comes close to the minimum, once per level."""
    warnings.warn_trainees(at=timezone.now())
