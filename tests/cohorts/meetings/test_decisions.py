"""A person decides who a label is: remembered as an alias, taken back, only of the cohort."""

import pytest
from django.core.exceptions import ValidationError

from cohorts.models import Alias
from cohorts.services.meetings import (
    decide_person,
    undo_decision,
)
from tests.cohorts.meetings.files import row
from tests.cohorts.meetings.reports import person, upload
from tests.factories import LATER, make_cohort, make_enrolment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("folder")]


def test_a_confirmed_label_is_remembered_as_that_persons_alias(cohort, teacher):
    upload(cohort, row("bilo"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")

    decided = decide_person(person=person("bilo"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)
    again = upload(cohort, row("BILO", day="05/05/2020"), number=2).file.report.people.get()

    assert (decided.verdict, decided.enrolment, decided.decided_by) == ("match", bilal, teacher)
    assert (again.verdict, again.how, again.enrolment) == ("match", "alias", bilal)


def test_an_alias_of_a_device_is_evidence_and_no_match(cohort, teacher):
    upload(cohort, row("iPhone"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=person("iPhone"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)

    again = upload(cohort, row("iPhone", day="05/05/2020"), number=2).file.report.people.get()

    assert again.verdict == "review"
    assert again.candidates[0][0] == bilal.pk
    assert "alias" in again.candidates[0][2]


def test_a_decision_can_be_taken_back_with_its_alias(cohort, teacher):
    upload(cohort, row("bilo"))
    bilal = cohort.enrolments.get(trainee__full_name="Bilal Raza")
    decide_person(person=person("bilo"), enrolment_id=bilal.pk, by=teacher, at=LATER, remember=True)

    undone = undo_decision(person=person("bilo"), by=teacher, at=LATER)

    assert (undone.verdict, undone.enrolment) == ("review", None)
    assert not Alias.objects.exists()


def test_a_stranger_is_nobody_of_the_cohort(cohort, teacher):
    upload(cohort, row("Passing Guest"), row("Sara Ahmed Khan"))

    decided = decide_person(person=person("Passing Guest"), enrolment_id=None, by=teacher, at=LATER)

    assert decided.verdict == "ignore"
    assert not Alias.objects.exists()


def test_nobody_of_another_cohort_can_be_chosen(cohort, teacher):
    other = make_enrolment(make_cohort())
    upload(cohort, row("bilo"))

    with pytest.raises(ValidationError) as caught:
        decide_person(person=person("bilo"), enrolment_id=other.pk, by=teacher, at=LATER)

    assert "enrolment" in caught.value.message_dict
