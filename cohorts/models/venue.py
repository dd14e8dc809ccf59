"""Where cohorts meet: venues and their rooms."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from cohorts.models.choices import City


class Venue(models.Model):
    """A house where cohorts meet. What names one for the first time (a file, a timetable) enters it."""

    city = models.CharField(max_length=3, choices=City)
    name = models.CharField(max_length=160)
    address = models.CharField(max_length=300, blank=True)
    map_url = models.URLField(max_length=300, blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)  # no longer chosen; what meets there goes on

    class Meta:
        constraints = [
            models.UniqueConstraint("city", Lower("name"), name="venue_name_unique_in_city"),
            models.CheckConstraint(condition=~Q(name=""), name="venue_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """A room of a venue; the one without a name is the venue as a whole."""

    venue = models.ForeignKey(Venue, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=80, blank=True)
    seats = models.PositiveIntegerField(null=True, blank=True)  # empty: not known
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("venue", Lower("name"), name="room_name_unique_in_venue"),
            models.CheckConstraint(condition=Q(seats__isnull=True) | Q(seats__gt=0), name="room_seats_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.venue_id} {self.name}"
