"""The page of every list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from cohorts.views.manage import require_office
from portal.lists.catalogue import LISTS
from portal.lists.cells import in_table
from portal.lists.pages import ListPaginator
from portal.lists.saved import query_of, views_of
from portal.lists.shape import Asked, Column

PAGE = 50


@require_GET
def show_list(request: HttpRequest, name: str) -> HttpResponse:
    """One page of a list. Four queries and those of its cells, whatever the number of rows.

    The page's ids are found first, by an index where there is one, and only its rows are read whole.
    """
    if refusal := require_office(request):
        return refusal
    office_list = LISTS[name]
    if not office_list.may_see(request.user):
        raise PermissionDenied
    asked = Asked(office_list, request.user, request.GET)
    pages = ListPaginator(asked, PAGE)
    page = pages.get_page(pages.num_pages if request.GET.get("page") == "last" else request.GET.get("page"))
    found = read_rows(asked, list(page.object_list))
    first, *others = asked.columns
    draw = in_table(others)
    context = {
        "list": office_list,
        "asked": asked,
        "paginator": page.paginator,
        "page_obj": page,
        "previous": asked.link(page=[str(page.number - 1)]),
        "next": asked.link(page=[str(page.number + 1)]),
        "object_list": found,
        "heads": [_head(asked, column) for column in asked.columns],
        "rows": [(row.pk, first.draw(row), draw(row)) for row in found],
        "finds": getattr(asked.filterset, "finds", "") if "search" in asked.filters else "",
        "search": asked.filterset.form["search"] if "search" in asked.filterset.form.fields else None,
        "fields": [field for field in asked.filterset.form if field.name != "search" and not field.is_hidden],
        "hidden": [field for field in asked.filterset.form if field.is_hidden and field.name in asked.filters],
        "set_filters": [_set_filter(asked, field) for field in asked.filterset.form if field.name in asked.filters],
        "query": asked.link()[1:],
        "views": views_of(office_list, request.user),
        "view_now": query_of(asked),
        "acts": [each for each in office_list.acts if each.may(request.user)],
        "filter_count": len(asked.filters.keys() - {"search"}),
        "every_column": asked.link(columns=[each.key for each in asked.offered]),
        **office_list.context(asked),
    }
    return render(request, office_list.template, context)


def read_rows(asked: Asked, ids: list[int]) -> list[Any]:
    """Return the rows of one page whole, in the order of their ids in `ids`. One query and those of the list."""
    manager: Any = asked.filterset.queryset.model._default_manager
    by_id = {each.pk: each for each in asked.list.whole(manager.filter(pk__in=ids))}
    found = [by_id[pk] for pk in ids if pk in by_id]
    asked.list.prepare(found, asked.shown)
    return found


def _head(asked: Asked, column: Column) -> dict[str, Any]:
    """Return one head: its link sorts by it, and turns the order round when it is sorted by already."""
    standing = {column.key: "ascending", f"-{column.key}": "descending"}.get(asked.order, "")
    turned = f"-{column.key}" if standing == "ascending" else column.key
    return {"column": column, "sorted": standing, "link": asked.link(order=[turned]) if column.sorts else ""}


def _set_filter(asked: Asked, field: Any) -> dict[str, str]:
    """Return one filter that is set, in words, with the address without it."""
    value = asked.filters[field.name]
    words = dict(getattr(field.field.widget, "choices", []))
    shown = _("%d rows") % len(value.split(",")) if field.is_hidden else str(words.get(value, value))
    return {"label": str(field.label), "value": shown, "link": asked.link(**{field.name: []})}
