"""Places for the accepted, in order of application: a rehearsal and a run, both in the background."""

import secrets
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from celery import current_app
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from admissions.models import Application, Placing
from admissions.rules import list_wishes, rank_cohorts
from admissions.services.applications import PERSON_FIELDS
from audit.services import record
from cohorts.models import Cohort, CohortQuerySet, Enrolment
from cohorts.services.enrolment import enrol
from cohorts.services.errors import AlreadyEnrolled, CohortClosed, CohortFull
from courses.models import Programme
from trainees.models import Trainee, User
from trainees.services.people import create_trainee

COMPLETED = [name for name in PERSON_FIELDS if name not in ("full_name", "cnic", "email")]


class PlacingRuns(ValidationError):
    """A run is under way; one at a time is enough."""

    def __init__(self) -> None:
        super().__init__(_("Places are being given or foreseen already; see below."), code="runs_already")


@dataclass
class Foreseen:
    """What a cohort would get from a run made now."""

    cohort: Cohort
    placed: int = 0
    waitlisted: int = 0


def foresee_places(*, at: datetime) -> tuple[list[Foreseen], Counter[str]]:
    """Tell cohort by cohort what a run made now would do, and its sums; writes nothing. Two queries.

    Who gets what depends on everybody before, so that all are gone through: a second for 200,000. Each application
    looks only at the first cohort with room of each of its wishes, whatever the number of cohorts. Who holds a
    place elsewhere is not looked for here: the run itself leaves them where they are.
    """
    rows = [Foreseen(each) for each in _cohorts_to_fill(at).select_related("course")]
    free, lines = _queue(rows, _has_place), _queue(rows, _has_line)
    sums: Counter[str] = Counter(placed=0, waitlisted=0, left=0)
    wishes = Application.objects.to_place().values_list("course_1_id", "course_2_id", "city", named=True)
    for wish in wishes.iterator(chunk_size=2000):
        wished = list_wishes(wish)
        if row := _first(free, wished, _has_place):
            row.cohort.taken, row.placed = row.cohort.taken + 1, row.placed + 1
            sums["placed"] += 1
        elif row := _first(lines, wished, _has_line):
            row.cohort.waiting, row.waitlisted = row.cohort.waiting + 1, row.waitlisted + 1
            sums["waitlisted"] += 1
        else:
            sums["left"] += 1
    return [row for row in rows if row.placed or row.waitlisted], sums


Queues = dict[tuple[int, str], deque[Foreseen]]


def _queue(rows: list[Foreseen], has_room: Callable[[Cohort], bool]) -> Queues:
    """Return the cohorts with room by course and city, in their order."""
    queues: Queues = defaultdict(deque)
    for row in rows:
        if has_room(row.cohort):
            queues[row.cohort.course_id, row.cohort.city].append(row)
    return queues


def _first(queues: Queues, wished: list[tuple[int, str]], has_room: Callable[[Cohort], bool]) -> Foreseen | None:
    """Return the first cohort with room; those that have become full leave their queue."""
    for queue in (queues[each] for each in wished if each in queues):
        while queue and not has_room(queue[0].cohort):
            queue.popleft()
        if queue:
            return queue[0]
    return None


def _has_place(cohort: Cohort) -> bool:
    """Tell whether the next in order would get a place."""
    return cohort.places_left > 0


def _has_line(cohort: Cohort) -> bool:
    """Tell whether the waiting list has room."""
    return cohort.waiting < cohort.waitlist_limit


@transaction.atomic
def request_placing(*, by: User, at: datetime, is_rehearsal: bool = False) -> Placing:
    """Ask for a run, or for a rehearsal in the place of the last one; the worker is told after the commit.

    Raises PlacingRuns. Four queries.
    """
    total = Application.objects.to_place().count()
    try:
        with transaction.atomic():
            run = Placing.objects.create(by=by, created_at=at, total=total, is_rehearsal=is_rehearsal)
    except IntegrityError:  # the constraint decides between two who ask at once
        raise PlacingRuns from None
    if is_rehearsal:
        Placing.objects.filter(is_rehearsal=True, pk__lt=run.pk).delete()
    else:
        record(act="placing.request", by=by, at=at, subject=run, detail={"accepted": run.total})
    transaction.on_commit(lambda: ring(run.pk), robust=True)
    return run


def ring(placing_id: int) -> None:
    """Tell the worker; by name, since the tasks call the services."""
    current_app.send_task("admissions.tasks.give_places", kwargs={"placing_id": placing_id})


def waiting_placings(*, at: datetime) -> list[int]:
    """Return the runs that nobody works on. One query."""
    return list(Placing.objects.free(at).values_list("pk", flat=True))


def run_placing(*, placing_id: int, clock: Callable[[], datetime]) -> bool:
    """Carry a run out if this caller wins its claim; return whether it is finished.

    Each person is a transaction of its own, which also counts and renews the claim: a run that was cut off
    is taken up again with those who have no place yet, and two workers never count one person twice.
    """
    token = secrets.token_hex(16)
    if not Placing.objects.free(clock()).filter(pk=placing_id).update(claim_token=token, **_lease(clock()), left=0):
        return False
    run = Placing.objects.select_related("by").get(pk=placing_id)
    held = Placing.objects.filter(pk=placing_id, claim_token=token)
    if run.is_rehearsal:
        return _rehearse(held, clock)
    with transaction.atomic():
        linked = link_enrolled(by=run.by, at=clock())
        held.update(placed=F("placed") + linked)
    for pk in list(Application.objects.to_place().values_list("pk", flat=True)):
        with transaction.atomic():
            if not held.update(**_lease(clock())):
                return False  # another has taken over
            verdict = _place_or_leave(pk, run.by, clock())
            held.update(**{verdict: F(verdict) + 1})
    return held.update(state=Placing.State.FINISHED, finished_at=clock()) == 1


def _rehearse(held: QuerySet[Placing], clock: Callable[[], datetime]) -> bool:
    """Keep what would happen; return whether it was kept, which another's claim prevents."""
    rows, sums = foresee_places(at=clock())
    foreseen = [[row.cohort.pk, row.placed, row.waitlisted, row.cohort.places_left] for row in rows]
    finished = {"state": Placing.State.FINISHED, "finished_at": clock(), "foreseen": foreseen, "total": sums.total()}
    return held.update(**finished, **sums) == 1


def _place_or_leave(pk: int, by: User, at: datetime) -> str:
    """Nobody's refusal may hold up those who come after."""
    try:
        return _place(pk, by, at)
    except ValidationError:
        return "left"


def _lease(at: datetime) -> dict[str, datetime]:
    return {"claimed_until": at + timedelta(seconds=settings.CLAIM_LEASE_SECONDS)}


def place_applications(
    *, by: User | None, at: datetime, progress: Callable[[int, int], None] | None = None
) -> Counter[str]:
    """Give the accepted their places in order of application, each in a transaction of its own.

    Who has a place already (from a roster made elsewhere) is placed there.

    First preference in the wanted city or online, then the second likewise, then a waiting list in the
    same order. Running it again only places who has none. Returns counts of placed, waitlisted and left.
    """
    counts: Counter[str] = Counter(placed=link_enrolled(by=by, at=at))
    waiting = list(Application.objects.to_place().values_list("pk", flat=True))
    for position, pk in enumerate(waiting, 1):
        counts[_place(pk, by, at)] += 1
        if progress:
            progress(position, len(waiting))
    return counts


@transaction.atomic
def link_enrolled(*, by: User | None, at: datetime) -> int:
    """Mark the accepted who hold a place already (from a roster) as placed there. Return how many.

    What the roster did not know of a person is taken over from the application. Five queries per 200.
    """
    accepted = list(Application.objects.to_place())
    live = Enrolment.objects.filter(status__in=Enrolment.LIVE, application__isnull=True).order_by("-id")
    held = {each.trainee.cnic_hash: each for each in live.select_related("trainee") if each.trainee.cnic_hash}
    linked = [each for each in accepted if each.cnic_hash in held]
    for each in linked:
        each.status, each.enrolment = Application.Status.PLACED, held[each.cnic_hash]
        each.trainee = held[each.cnic_hash].trainee
        _complete(each.trainee, each)
    Application.objects.bulk_update(linked, ["status", "enrolment", "trainee"], batch_size=300)
    Trainee.objects.bulk_update([each.trainee for each in linked if each.trainee], COMPLETED, batch_size=200)
    if linked:
        record(act="applications.link", by=by, at=at, subject=linked[0].programme, detail={"count": len(linked)})
    return len(linked)


@transaction.atomic
def _place(pk: int, by: User | None, at: datetime) -> str:
    """Return the verdict on one application: placed, waitlisted or left."""
    application = Application.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
    if application.status != Application.Status.ACCEPTED:
        return "left"
    trainee = application.trainee or _trainee_of(application, by, at)
    courses = [application.course_1_id, application.course_2_id]
    for cohort in rank_cohorts(application, _cohorts_to_fill(at).filter(course__in=courses)):
        try:
            with transaction.atomic():
                enrolment = enrol(trainee=trainee, cohort=cohort, by=by, at=at)
        except (CohortFull, CohortClosed):
            continue
        except AlreadyEnrolled:
            return "left"
        return _settle(application, enrolment)
    application.save(update_fields=["trainee"])
    return "left"


def _complete(trainee: Trainee, application: Application) -> None:
    """Fill what is empty on the trainee from the application; nothing known is overwritten."""
    for name in COMPLETED:
        if not getattr(trainee, name):
            setattr(trainee, name, getattr(application, name))


def _settle(application: Application, enrolment: Enrolment) -> str:
    application.status, application.enrolment = Application.Status.PLACED, enrolment
    application.save(update_fields=["status", "enrolment", "trainee"])
    return "waitlisted" if enrolment.status == Enrolment.Status.WAITLISTED else "placed"


def _trainee_of(application: Application, by: User | None, at: datetime) -> Trainee:
    trainee = Trainee.objects.with_cnic(application.cnic).first()
    if trainee is None:
        person = {name: getattr(application, name) for name in PERSON_FIELDS}
        prefix = Programme.objects.get(pk=application.programme_id).number_prefix
        trainee = create_trainee(person=person, number_prefix=prefix, by=by, at=at)
    application.trainee = trainee
    return trainee


def _cohorts_to_fill(at: datetime) -> CohortQuerySet:
    """Return who takes people, in the order of their starts: not what has run and is over, though it is not closed."""
    over = Cohort.objects.over(at).values("pk")
    taking = Cohort.objects.offered().exclude(state=Cohort.State.CLOSED).exclude(pk__in=over)
    return taking.with_places().order_by("starts_on", "id")
