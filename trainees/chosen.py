"""Which person a page is about: one account may look after several who share its address."""

from typing import Any

from django.http import HttpRequest

from trainees.models import Trainee, TraineeQuerySet

SESSION_KEY = "person"


def own_trainees(user: Any) -> TraineeQuerySet:
    """Return the people whom an account looks after, the newest first."""
    if not user.is_authenticated:
        return Trainee.objects.none()
    return Trainee.objects.filter(user_id=user.pk).order_by("-id")


def choose_trainee(request: HttpRequest) -> Trainee | None:
    """Return the person named by `?person=<number>`, else the one named last, else the newest. One query.

    A form names its person too, so that a second window does not change whom it is about. A number that
    is not the account's own is passed over.
    """
    return choose_among(request)[0]


def choose_among(request: HttpRequest) -> tuple[Trainee | None, list[Trainee]]:
    """Return whom a page is about, and everybody of the account to choose from. One query."""
    people = {each.number: each for each in own_trainees(request.user)}
    if not people:
        return None, []
    asked = request.POST.get("person") or request.GET.get("person")
    if asked in people:
        request.session[SESSION_KEY] = asked
    chosen = people.get(request.session.get(SESSION_KEY, ""), next(iter(people.values())))
    return chosen, list(people.values())
