"""Many at once for few places: exactly as many as there are, in order, and the lock is what does it."""

import json
import threading
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection, connections
from django.test import Client

from audit.models import AuditEntry
from cohorts.models import Cohort, Enrolment
from cohorts.services.enrolment import entry, leaving, offers, places
from cohorts.services.errors import AlreadyEnrolled, Conflict
from tests.factories import BEFORE, make_cohort, make_registration, make_trainee
from trainees.models import Trainee, User

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]  # one race at a time
PLACES = 25


def run_together(acts):
    """Run the acts in threads that start at one barrier; return their results or errors."""
    barrier, results = threading.Barrier(len(acts)), [None] * len(acts)

    def run(position, act):
        try:
            barrier.wait()
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


def remove_lock(monkeypatch):
    """PostgreSQL then oversells; SQLite, whose lock is the IMMEDIATE transaction, breaks off with errors."""
    monkeypatch.setattr(places, "lock_cohort", lambda cohort: Cohort.objects.get(pk=cohort.pk))
    monkeypatch.delitem(connection.settings_dict["OPTIONS"], "transaction_mode", raising=False)


def enrol_all(cohort, trainees):
    return run_together(
        [lambda each=each: places.enrol(trainee=each, cohort=cohort, by=None, at=BEFORE) for each in trainees]
    )


class Race:
    """Two hundred clients at a cohort of 25 that is full and has a line of thirty with five offers."""

    def __init__(self, people):
        self.cohort = make_cohort(capacity=PLACES, waitlist_limit=300)
        self.people = people
        standing = [self.enrol(each) for each in people[:60]]
        self.holders = standing[:PLACES]
        for each in self.holders[:5]:
            self.withdraw(each)
        self.offered = standing[PLACES : PLACES + 5]

    def enrol(self, trainee):
        return places.enrol(trainee=trainee, cohort=self.cohort, by=None, at=BEFORE, notify=False)

    def withdraw(self, enrolment):
        return leaving.withdraw(enrolment=enrolment, by=None, at=BEFORE, notify=False)

    def set_capacity(self, capacity):
        return places.set_capacity(cohort=self.cohort, capacity=capacity, by=None, at=BEFORE)

    def sweep(self):
        return leaving.release_expired(cohort=self.cohort, at=BEFORE + timedelta(days=3))

    def acts(self):
        """A hundred come by themselves, forty by the office; the others leave, answer, sweep, change the capacity."""
        coming, office = self.people[60:160], self.people[160:200]
        made = [lambda e=e: entry.register_again(trainee=e, cohort=self.cohort, by=None, at=BEFORE) for e in coming]
        made += [lambda e=e: self.enrol(e) for e in office]
        made += [lambda e=e: self.withdraw(e) for e in self.holders[5:25]]
        for act in (offers.accept_offer, offers.decline_offer):
            made += [lambda e=e, act=act: act(enrolment=e, by=None, at=BEFORE) for e in self.offered]
        made += [self.sweep] * 10
        made += [lambda c=c: self.set_capacity(c) for c in (24, 25, 10, 25, 23, 25, 24, 25, 1, 25)]
        return [each for pair in zip(made[::2], made[1::2], strict=False) for each in pair] + made[len(made) // 2 * 2 :]

    def faults(self):
        """Run all and return what went wrong: unforeseen errors, a place too many, somebody overtaken."""
        acts = self.acts()
        assert len(acts) == 190
        acts += [lambda e=e: self.withdraw(e) for e in self.holders[5:15]]  # ten give back twice
        results = run_together(acts)
        unforeseen = [each for each in results if isinstance(each, Exception) and not isinstance(each, Conflict)]
        return [*unforeseen, *replay(self.cohort)]


def replay(cohort):
    """Go through the acts as they were done and return each moment at which too many places were taken,
    somebody was passed over, or the end differs from what stands."""
    mine = {str(pk): status for pk, status in cohort.enrolments.values_list("id", "status")}
    taken, status, last, faults, capacity = 0, {}, 0, [], PLACES
    for act, subject, detail in AuditEntry.objects.order_by("id").values_list("act", "subject_id", "detail"):
        if act == "cohort.capacity" and subject == str(cohort.pk):
            capacity = detail["to"]
        if subject not in mine or not act.startswith("enrolment."):
            continue
        had = status.get(subject) in Enrolment.TAKING_A_PLACE
        status[subject] = {
            "enrolment.create": detail.get("status"),
            "enrolment.offer": "offered",
            "enrolment.accept": "enrolled",
            "enrolment.withdraw": "withdrawn",
        }[act]
        taken += (status[subject] in Enrolment.TAKING_A_PLACE) - had
        faults += [f"{taken} of {capacity} taken"] if taken > capacity else []
        if act == "enrolment.offer":
            faults += [f"{subject} offered after {last}"] if int(subject) < last else []
            last = int(subject)
    return faults + ([] if status == mine else ["what stands is not what was done"])


def test_two_hundred_clients_for_twenty_five_places():
    """R32-R36: no 26th, order kept, no error but the designed refusals, whatever happens at the same time."""
    race = Race([make_trainee() for _ in range(200)])

    assert race.faults() == []
    assert race.cohort.enrolments.taking_a_place().count() <= PLACES
    assert race.cohort.enrolments.filter(status="waitlisted").exists()


def test_without_the_lock_the_same_race_goes_wrong(monkeypatch):
    people = [make_trainee() for _ in range(200)]
    race = Race(people)
    remove_lock(monkeypatch)

    assert race.faults() != []


def test_forty_clients_at_a_barrier_for_ten_places_ten_times():
    trainees = [make_trainee() for _ in range(40)]
    for _round in range(10):
        Enrolment.objects.all().delete()
        cohort = make_cohort(capacity=10, waitlist_limit=100)

        results = enrol_all(cohort, trainees)

        assert all(isinstance(each, Enrolment) for each in results), results
        statuses = [each.status for each in results]
        assert (statuses.count("enrolled"), statuses.count("waitlisted")) == (10, 30)


def test_without_the_lock_the_barrier_lets_too_many_through(monkeypatch):
    remove_lock(monkeypatch)
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


@pytest.fixture
def register(settings):
    """Return an act that posts a registration over HTTP and gives status and code."""
    rates = dict.fromkeys(settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "100000/hour")
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates}
    cache.clear()

    def post(cohort, **fields):
        body = json.dumps({**make_registration(**fields), "consent": True, "cohort": cohort.code})
        answer = Client().post("/api/v1/registrations/", body, content_type="application/json")
        return answer.status_code, answer.json().get("code")

    return post


def test_one_registration_posted_twenty_times_at_once_is_one_person(register):
    cohort = make_cohort()
    body = make_registration(cnic="3520212345678", email="zainab@example.org")

    answers = run_together([lambda: register(cohort, **body)] * 20)

    assert sorted(answers, key=str) == [(201, None), *[(409, "cnic_registered")] * 19]
    assert (Trainee.objects.count(), User.objects.count(), cohort.enrolments.count()) == (1, 1, 1)


def test_one_cnic_under_two_addresses_at_once_is_one_person(register):
    cohort = make_cohort()
    for n in range(5):
        cnic = f"352021234567{n}"

        answers = run_together([lambda e=e, c=cnic: register(cohort, cnic=c, email=e) for e in ("a@b.pk", "c@d.pk")])

        assert sorted(answers, key=str) == [(201, None), (409, "cnic_registered")]
    assert (Trainee.objects.count(), cohort.enrolments.count()) == (5, 5)


def test_two_people_of_one_new_address_at_once_share_its_account(register):
    cohort = make_cohort()

    answers = run_together([lambda: register(cohort, email="family@example.org") for _ in range(4)])

    assert answers == [(201, None)] * 4
    assert (Trainee.objects.count(), User.objects.count()) == (4, 1)


def test_the_last_place_over_http_goes_to_one(register):
    cohort = make_cohort(capacity=1, waitlist_limit=3)

    answers = run_together([lambda: register(cohort) for _ in range(12)])

    assert sorted(answers, key=str) == [*[(201, None)] * 4, *[(409, "full")] * 8]
    assert list(cohort.enrolments.order_by("id").values_list("status", flat=True)) == ["enrolled", *["waitlisted"] * 3]


def test_one_person_at_ten_doors_at_once_has_one_open_enrolment():
    trainee = make_trainee()
    cohorts = [make_cohort() for _ in range(10)]

    results = run_together(
        [lambda each=each: places.enrol(trainee=trainee, cohort=each, by=None, at=BEFORE) for each in cohorts]
    )

    assert sum(isinstance(each, Enrolment) for each in results) == 1
    assert sum(isinstance(each, AlreadyEnrolled) for each in results) == 9, results
    assert trainee.enrolments.count() == 1
