"""Pages of a list at a cost that does not grow with it."""

from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from portal.lists.shape import Asked

MOST = 1_000  # rows found one by one; beyond them a person narrows the filter


class ListPaginator(Paginator):
    """Pages of ids of a list. How many rows there are is known from a summary; else they are found, up to a bound.

    They are found in no order. The few are then put in order; where they are many, the order of the list soon fills
    a page with them. So what is rare is not looked for in everything, and what is frequent is not sorted.
    A page of the second half is read from the end, so that the last page costs what the first one does.
    """

    def __init__(self, asked: Asked, per_page: int) -> None:
        super().__init__(asked.rows, per_page)
        self.asked = asked

    @cached_property
    def count(self) -> int:
        return min(len(self._found), MOST) if self.asked.known is None else self.asked.known

    @cached_property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self.asked.known is None and len(self._found) > MOST

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        rows = self._in_order.values_list("pk", flat=True)
        if self.is_bounded or start <= self.count // 2:
            return Page(list(rows[start:end]), number, self)
        return Page(list(rows.reverse()[self.count - end : self.count - start])[::-1], number, self)

    @cached_property
    def _found(self) -> list[int]:
        return list(self.asked.rows.order_by().values_list("pk", flat=True)[: MOST + 1])

    @property
    def _in_order(self) -> QuerySet[Any]:
        if self.is_bounded:
            return self.asked.walk()
        if self.asked.known is not None:
            return self.asked.rows
        rows: Any = self.asked.rows.model._default_manager
        found: QuerySet[Any] = rows.filter(pk__in=self._found)
        return found.order_by(*self.asked.sorting)
