"""What a list is made of, and how its address is read."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse

from cohorts.permissions import can_manage
from portal.lists import cells
from portal.lists.acts import Act
from trainees.finding import SearchFilterSet

PART = 2000  # rows of a file read at a time
LONGEST = 4000  # letters of one filter; a database refuses patterns that are much longer


@dataclass(frozen=True)
class Column:
    """One column. Without a `value` it stands on the page only, never in a file."""

    key: str  # as it stands in the address
    title: Any
    value: str = ""  # the lookup that a file holds and that is sorted by
    cell: Callable[[Any], str] | None = None  # draws it on the page; without one the value as it is
    usual: bool = True  # shown when nothing is chosen
    sorts: bool = False  # only where an index has this order
    number: bool = False
    may_see: Callable[[Any], bool] = lambda user: True
    companion: "Column | None" = None  # stands beside it in a file, where a cell of the page says both

    @cached_property
    def draw(self) -> Callable[[Any], str]:
        return self.cell or cells.text(self.value.replace("__", "."))


@dataclass(frozen=True, kw_only=True)
class OfficeList:
    """One list of the office."""

    name: str
    url: str
    title: Any
    lead: Any
    empty: Any
    filters: Any
    rows: Callable[[Any], QuerySet[Any]]  # what a person may see: filtered, counted and ordered as it is
    whole: Callable[[QuerySet[Any]], QuerySet[Any]]  # adds what the cells need; for the rows of one page
    columns: tuple[Column, ...]  # the first names the row and is always shown
    order: tuple[Any, ...]  # when nothing else is asked; the id last
    prepare: Callable[[list[Any], set[str]], None] = lambda rows, shown: None  # adds what one query fetches for all
    count: Callable[[Any, Mapping[str, str]], int | None] = lambda user, filters: None  # where a summary knows
    context: Callable[["Asked"], dict[str, Any]] = lambda asked: {}
    template: str = "portal/lists/list.html"
    may_see: Callable[[Any], bool] = can_manage
    may_export: bool = True
    parent: tuple[str, Any] = ("", "")  # the page above: the name of its address, its title
    links: tuple[tuple[str, Any], ...] = ()  # pages beside, likewise
    acts: tuple[Act, ...] = ()
    lead_key: str = "ids"  # the filter of another page that takes what was ticked here

    @property
    def address(self) -> str:
        return reverse(self.url)


class Asked:
    """An address of a list, read for one person. What the list does not know is left out."""

    def __init__(self, office_list: OfficeList, user: Any, data: Any) -> None:
        self.list, self.user = office_list, user
        self.filters = {name: data[name] for name in office_list.filters.base_filters if data.get(name)}
        self.filterset = office_list.filters(self.filters, queryset=office_list.rows(user))
        self.offered = [each for each in office_list.columns if each.may_see(user)]
        wanted = set(data.getlist("columns")) & {each.key for each in self.offered}
        first = self.offered[0].key
        usual = {each.key for each in self.offered if each.usual}
        self.shown = (wanted | {first}) if wanted else usual
        self.is_usual = self.shown == usual
        sortable = {each.key for each in self.offered if each.sorts}
        order = data.get("order", "")
        self.order = order if order.removeprefix("-") in sortable else ""

    @cached_property
    def is_valid(self) -> bool:
        return self.filterset.is_valid() and all(len(each) <= LONGEST for each in self.filters.values())

    @property
    def rows(self) -> QuerySet[Any]:
        """The rows asked for, in order. A filter that cannot be read means none, rather than more than were meant."""
        found: QuerySet[Any] = self.filterset.qs if self.is_valid else self.filterset.queryset.none()
        return found.order_by(*self.sorting)

    def walk(self) -> QuerySet[Any]:
        """Return the same rows in the same order, for a page where they are many: its order soon fills it.

        PostgreSQL reckons with that. SQLite would look up whatever a condition names and then sort all of it, so that
        it is given none but what each row is to be.
        """
        is_search = "search" in self.filters and isinstance(self.filterset, SearchFilterSet)
        found: QuerySet[Any] = self.filterset.walk() if is_search and self.is_valid else self.rows
        if connection.vendor == "sqlite":
            found = found.model._default_manager.filter(Exists(found.order_by().filter(pk=OuterRef("pk"))))
            first = str(self.sorting[0]).removeprefix("-")
            if "__" in first:  # a text of another table: true of each, this bound says where to begin the walk
                found = found.filter(**{f"{first}__gte": ""})
        return found.order_by(*self.sorting)

    @cached_property
    def sorting(self) -> tuple[Any, ...]:
        """What the rows are ordered by; the id last."""
        if not self.order:
            return self.list.order
        back = "-" if self.order.startswith("-") else ""
        column = next(each for each in self.offered if each.key == self.order.removeprefix("-"))
        return (back + column.value, f"{back}pk")

    @cached_property
    def known(self) -> int | None:
        """How many rows there are, where that costs little to find: all of them, or what a summary knows."""
        known = self.list.count(self.user, self.filters) if self.is_valid else None
        return known if known is not None or self.filters else self.rows.order_by().count()

    @property
    def columns(self) -> list[Column]:
        return [each for each in self.offered if each.key in self.shown]

    @property
    def in_file(self) -> list[Column]:
        return [part for each in self.columns for part in (each, each.companion) if part and part.value]

    @property
    def head(self) -> list[str]:
        """The first row of the file."""
        return [str(each.title) for each in self.in_file]

    def read_at_once(self) -> QuerySet[Any, Any]:
        """Return the plain values of a file in the order asked for. One query."""
        return self.list.whole(self.rows).values_list(*(each.value for each in self.in_file))

    def read_in_parts(self) -> Iterator[list[tuple[Any, ...]]]:
        """Yield the same, some thousand rows in order of their ids at a time, by a query each.

        No cursor stays open meanwhile: on SQLite it would keep this connection from noting its progress.
        """
        columns = (each.value for each in self.in_file)
        wanted = self.list.whole(self.rows).order_by("pk").values_list("pk", *columns)
        part = list(wanted[:PART])
        while part:
            yield [row[1:] for row in part]
            part = list(wanted.filter(pk__gt=part[-1][0])[:PART])

    @property
    def kept(self) -> dict[str, list[str]]:
        """What of the address is more than the usual: filters, order, columns."""
        kept = {name: [value] for name, value in self.filters.items()}
        if self.order:
            kept["order"] = [self.order]
        if not self.is_usual:
            kept["columns"] = [each.key for each in self.columns]
        return kept

    def link(self, **changes: Any) -> str:
        """Return the query of this address with some values changed; an empty one is left out."""
        values = {name: value for name, value in {**self.kept, **changes}.items() if value}
        return "?" + urlencode(values, doseq=True)
