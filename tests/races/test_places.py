"""Many at once for few places: exactly as many as there are, and the lock is what does it."""

import threading

import pytest
from django.db import OperationalError, connection, connections

from cohorts.models import Cohort, Enrolment
from cohorts.services.enrolment import leaving, places
from cohorts.services.errors import AlreadyEnrolled
from tests.factories import BEFORE, make_cohort, make_trainee

pytestmark = pytest.mark.django_db(transaction=True)


def run_together(acts):
    """Run the acts in threads that start at one barrier; return their results or errors."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position, act):
        barrier.wait()
        try:
            results[position] = act()
        except Exception as error:
            results[position] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def enrol_all(cohort, trainees):
    return run_together(
        [lambda each=each: places.enrol(trainee=each, cohort=cohort, by=None, at=BEFORE) for each in trainees]
    )


def test_forty_clients_at_a_barrier_for_ten_places():
    trainees = [make_trainee() for _ in range(40)]
    for _round in range(3):
        Enrolment.objects.all().delete()
        cohort = make_cohort(capacity=10, waitlist_limit=100)

        results = enrol_all(cohort, trainees)

        assert all(isinstance(each, Enrolment) for each in results), results
        statuses = [each.status for each in results]
        assert (statuses.count("enrolled"), statuses.count("waitlisted")) == (10, 30)


def test_without_the_lock_the_same_race_goes_wrong(monkeypatch):
    """PostgreSQL oversells; SQLite, whose lock is the IMMEDIATE transaction, breaks off with errors."""
    monkeypatch.setattr(places, "lock_cohort", lambda cohort: Cohort.objects.get(pk=cohort.pk))
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "transaction_mode", raising=False)
    trainees = [make_trainee() for _ in range(30)]
    wrong = 0
    for _round in range(5):
        Enrolment.objects.all().delete()
        cohort = make_cohort(capacity=5, waitlist_limit=100)
        results = enrol_all(cohort, trainees)
        wrong += max(0, cohort.enrolments.filter(status="enrolled").count() - 5)
        wrong += sum(isinstance(each, OperationalError) for each in results)

    assert wrong


def test_one_person_twenty_times_at_once_is_one_enrolment():
    trainee, cohort = make_trainee(), make_cohort()

    results = enrol_all(cohort, [trainee] * 20)

    assert cohort.enrolments.count() == 1
    assert sum(isinstance(each, Enrolment) for each in results) == 1
    assert all(isinstance(each, Enrolment | AlreadyEnrolled) for each in results), results


def test_places_hold_while_people_come_go_and_capacity_changes():
    cohort = make_cohort(capacity=25, waitlist_limit=200)
    first = [places.enrol(trainee=make_trainee(), cohort=cohort, by=None, at=BEFORE) for _ in range(25)]
    coming = [make_trainee() for _ in range(30)]
    acts = [lambda each=each: places.enrol(trainee=each, cohort=cohort, by=None, at=BEFORE) for each in coming]
    acts += [lambda each=each: leaving.withdraw(enrolment=each, by=None, at=BEFORE) for each in first[:8]]
    acts += [lambda: places.set_capacity(cohort=cohort, capacity=27, by=None, at=BEFORE)]

    results = run_together(acts)

    assert not [each for each in results if isinstance(each, Exception)]
    taken = cohort.enrolments.taking_a_place().count()
    waiting = list(cohort.enrolments.next_in_line().values_list("id", flat=True))
    assert (taken, len(waiting)) == (27, 20)
    promoted = cohort.enrolments.filter(status="offered")
    assert all(each.pk < min(waiting) for each in promoted)
