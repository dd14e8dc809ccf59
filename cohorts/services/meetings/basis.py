"""What judging a report needs of the database: the timetable, and the roster with its instructors and aliases."""

from cohorts.imports.meetings.matching import Person, Roster
from cohorts.imports.meetings.placing import Slot
from cohorts.imports.meetings.words import fold
from cohorts.models import Alias, Cohort, Session


def load_slots(cohort: Cohort) -> list[Slot]:
    """Return the sessions that count, in order. One query."""
    return [slot_of(session) for session in cohort.sessions.countable().order_by("starts_at", "id")]


def slot_of(session: Session) -> Slot:
    start, end = int(session.starts_at.timestamp()), int(session.ends_at.timestamp())
    return Slot(session.pk, session.number, session.date.isoformat(), start, end)


def load_roster(cohort: Cohort) -> Roster:
    """Return the people of a cohort for matching. Three queries whatever their number."""
    enrolments = list(cohort.enrolments.on_register().select_related("trainee__user").order_by("id"))
    people = []
    for enrolment in enrolments:
        trainee = enrolment.trainee
        emails = {trainee.email, trainee.user.email if trainee.user else ""} - {""}
        names = tuple(name for name in (trainee.full_name, trainee.full_name_ur) if name)
        people.append(Person(enrolment.pk, trainee.number, names, tuple(sorted(emails))))
    of_trainee = {enrolment.trainee_id: enrolment.pk for enrolment in enrolments}
    aliases: dict[str, set[int]] = {}
    for key, trainee_id in Alias.objects.filter(trainee__in=of_trainee).values_list("key", "trainee"):
        aliases.setdefault(key, set()).add(of_trainee[trainee_id])
    instructors = list(cohort.instructors.all())
    return Roster(
        tuple(people),
        tuple(each.full_name for each in instructors if each.full_name),
        tuple(each.email for each in instructors),
        aliases,
        frozenset({fold(cohort.code), *cohort.code.casefold().split()}),
    )
