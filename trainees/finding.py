"""Finding people by name, however it was spelt."""

from django.db.models import Q

from trainees.rules.search import search_words

WORDS = 8  # of one search; more would make the condition deeper than a database takes


def find_names(value: str, path: str = "") -> Q:
    """Match every word of a name in any spelling; `path` leads to what has a `search_key`, as `trainee__`."""
    words = search_words(value)[:WORDS]
    return Q(*(Q(**{f"{path}search_key__contains": f" {word}"}) for word in words)) if words else Q(pk__in=[])
