"""Finding people by what is typed into a search: a name in any spelling, a number, an address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, Q, QuerySet

from trainees.models import Trainee
from trainees.rules.search import fold_number, search_words
from trainees.words import are_common

WORDS = 8  # of one search; more would make the condition deeper than a database takes


@dataclass(frozen=True)
class Meant:
    """What a search means, said in two ways that match the same rows."""

    by_index: Q  # an index finds them: to count them, and to read them where they are few
    by_row: Q  # row after row is looked at: where they are many, the order of a list soon fills a page
    are_common: Callable[[Any], bool] = lambda model: False  # whether an index finds too many rows of a model

    def __or__(self, other: "Meant") -> "Meant":
        by_index, by_row = self.by_index | other.by_index, self.by_row | other.by_row
        return Meant(by_index, by_row, lambda model: self.are_common(model) or other.are_common(model))


class SearchFilterSet(django_filters.FilterSet):
    """Filters of a list that is searched as well: `read` says what is meant by the words that were typed."""

    finds: Any  # the same in words, for who typed them

    def read(self, value: str) -> Meant:
        raise NotImplementedError

    def find(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Match by an index; where that finds very many, the other filters find fewer and the search looks at those."""
        meant = self.read(value)
        return queryset.filter(meant.by_row if meant.are_common(queryset.model) else meant.by_index)

    def walk(self) -> QuerySet[Any]:
        """Return the rows of `qs`, to be looked at in the order of a list until a page is full. It must be valid."""
        values = {**self.form.cleaned_data}
        found = self.queryset.filter(self.read(values.pop("search")).by_row)
        for name, value in values.items():
            found = self.filters[name].filter(found, value)
        return found


def find_people(value: str, path: str = "") -> Meant:
    """Match trainees by number where a digit was typed, else by name; `path` leads to them, as `trainee__`."""
    if any(letter.isdigit() for letter in value):
        return find_number(value, path)
    return find_names(value, path)


def find_number(value: str, path: str = "") -> Meant:
    """Match trainees by the beginning or the end of their number, as BN-20-000777, bn20, 777."""
    typed = fold_number(value)
    ends = find_beginning("number_start", typed) | find_beginning("number_end", typed[::-1])
    by_index = find_beginning(f"{path}number_start", typed) | find_beginning(f"{path}number_end", typed[::-1])
    return Meant(by_index.by_index, _look(path, ends.by_row))


def find_names(value: str, path: str = "") -> Meant:
    """Match every word of a name in any spelling, nobody where there is no letter; `path` leads to trainees.

    Without a path it is for any model that holds a `search_key`.
    """
    words = search_words(value)[:WORDS]
    if not words:
        return Meant(Q(pk__in=[]), Q(pk__in=[]))
    by_row = Q(*(Q(search_key__contains=f" {word}") for word in words))
    by_index = Q(**{f"{path}search_key__words": words})
    return Meant(by_index, _look(path, by_row), lambda model: are_common(Trainee if path else model, words))


def find_beginning(name: str, value: str) -> Meant:
    """Match the beginning of a field that has an index for it."""
    return Meant(Q(**{f"{name}__begins": value}), Q(**{f"{name}__startswith": value}))


def _look(path: str, condition: Q) -> Q:
    """Look at the trainee of each row. By a join, SQLite might read every trainee before the first row."""
    return Q(Exists(Trainee.objects.filter(condition, pk=OuterRef(f"{path}pk")))) if path else condition
