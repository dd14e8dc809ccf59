"""Finding people by what is typed into a search: a name in any spelling, or a number."""

from typing import Any

from django.db.models import Q, QuerySet

from trainees.models import Trainee
from trainees.rules.search import search_words

WORDS = 8  # of one search; more would make the condition deeper than a database takes
FEW = 5_000  # people who are named to the database one by one


def find_people(value: str, path: str = "") -> Q:
    """Match trainees by number where a digit was typed, else by name; `path` leads to them, as `trainee__`.

    One query.
    """
    if any(letter.isdigit() for letter in value):
        numbered = Trainee.objects.filter(number__icontains=value)
        return find_few(numbered, path) or Q(**{f"{path}number__icontains": value})
    return find_names(value, path)


def find_names(value: str, path: str = "", model: Any = Trainee) -> Q:
    """Match every word of a name in any spelling; `path` leads to the rows of `model`, which hold `search_key`.

    One query. A rare name is looked up in the index of words, and a list then reads its rows alone. Of a common one
    a list finds a page soon, wherever it begins.
    """
    words = search_words(value)[:WORDS]
    if not words:
        own: Any = model._meta.get_field("search_key")
        return Q(**{f"{path}{own.of[0]}__icontains": value})
    named = Q(*(Q(**{f"{path}search_key__contains": f" {word}"}) for word in words))
    return find_few(model.objects.filter(search_key__words=words), path) or named


def find_few(found: QuerySet[Any], path: str = "") -> Q | None:
    """Return rows by their ids, or None where they are many: a list then need not look for them. One query."""
    ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
    return Q(**{f"{path}pk__in": ids}) if len(ids) <= FEW else None
