"""Pages of a list at a cost that does not grow with it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator

MOST = 2_500  # rows counted one by one; beyond them a person narrows the filter


class ListPaginator(Paginator):
    """Pages of ids. `known` says how many there are where a summary knows; else they are counted to a bound.

    A page of the second half is read from the end, so that the last page costs what the first one does.
    """

    def __init__(self, rows: Any, per_page: int, known: Callable[[], int | None]) -> None:
        super().__init__(rows, per_page)
        self.known = known

    @cached_property
    def count(self) -> int:
        return min(self._counted, MOST) if self.is_bounded else self._counted

    @cached_property
    def is_bounded(self) -> bool:
        """Whether there are more rows than were counted."""
        return self._known is None and self._counted > MOST

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        rows: Any = self.object_list
        if self.is_bounded or start <= self.count // 2:
            return Page(rows[start:end], number, self)
        return Page(list(rows.reverse()[self.count - end : self.count - start])[::-1], number, self)

    @cached_property
    def _known(self) -> int | None:
        return self.known()

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return rows.order_by()[: MOST + 1].count() if self._known is None else self._known
