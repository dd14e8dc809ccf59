"""Arrivals that trainees gave themselves by the code on the instructor's screen."""

from django.db import models

from cohorts.models.choices import MarkStatus
from cohorts.models.enrolment import Enrolment
from cohorts.models.session import Session
from trainees.models import Trainee


class CheckIn(models.Model):
    """One person's scan in one session. Device and address are hashes that compare within the session only."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="check_ins")
    trainee = models.ForeignKey(Trainee, on_delete=models.PROTECT, related_name="check_ins")
    enrolment = models.ForeignKey(
        Enrolment, null=True, on_delete=models.PROTECT, related_name="check_ins"
    )  # empty: the person stands on no list of the cohort
    status = models.CharField(max_length=8, choices=MarkStatus)  # what the time of the scan stands for
    wrote = models.BooleanField()  # False: a mark stood already, or the register was closed, or there is no enrolment
    at = models.DateTimeField()  # of the first page that the scan opened
    device = models.CharField(max_length=32)
    address = models.CharField(max_length=32)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "trainee"], name="check_in_once_per_session_and_trainee"),
        ]

    def __str__(self) -> str:
        return f"check-in {self.session_id}/{self.trainee_id}"
