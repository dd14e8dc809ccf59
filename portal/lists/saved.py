"""Saved views: a name for what of a list's address is more than the usual, for oneself or for the office."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from audit.services import record
from portal.lists.shape import Asked, OfficeList
from portal.models import SavedView
from trainees.models import User
from trainees.rules import clean_text

PRIVATE = "search"  # what was typed may be somebody's name, and would outlive their removal


class NameTaken(ValidationError):
    def __init__(self, name: str) -> None:
        super().__init__(_("You have a view called %s on this list already.") % name, code="name_taken")


class NothingToSave(ValidationError):
    def __init__(self) -> None:
        text = _("Filter, sort or choose columns first; what is typed into the search is not kept.")
        super().__init__(text, code="nothing")


def views_of(office_list: OfficeList, user: Any) -> QuerySet[SavedView]:
    """Return one's own views of a list and those shared by people who still work here, by name. One query."""
    shared = Q(is_shared=True, owner__is_active=True)
    return SavedView.objects.filter(Q(owner=user) | shared, list=office_list.name).order_by("name", "id")


def query_of(asked: Asked) -> dict[str, list[str]]:
    """Return what a view keeps of an address: known filters, order and columns."""
    return {name: values for name, values in asked.kept.items() if name != PRIVATE}


@transaction.atomic
def save_view(*, asked: Asked, name: str, is_shared: bool, by: User, at: datetime) -> SavedView:
    """Keep the address under a name. Raises NameTaken, NothingToSave, or when the name or a filter is not readable."""
    name = _checked(name)
    query = query_of(asked)
    if not query:
        raise NothingToSave
    if not asked.is_valid:
        raise ValidationError(_("This filter cannot be read; choose it anew."), code="filter")
    if SavedView.objects.filter(owner=by, list=asked.list.name, name=name).exists():
        raise NameTaken(name)
    view = SavedView.objects.create(
        list=asked.list.name, name=name, owner=by, is_shared=is_shared, query=query, created_at=at
    )
    record(act="view.save", by=by, at=at, subject=view, detail={"list": view.list, "shared": is_shared})
    return view


@transaction.atomic
def change_view(*, view: SavedView, name: str, is_shared: bool, by: User, at: datetime) -> None:
    """Rename a view, share it or keep it to oneself. Raises NameTaken."""
    name = _checked(name)
    if SavedView.objects.filter(owner=by, list=view.list, name=name).exclude(pk=view.pk).exists():
        raise NameTaken(name)
    view.name, view.is_shared = name, is_shared
    view.save(update_fields=["name", "is_shared"])
    record(act="view.change", by=by, at=at, subject=view, detail={"list": view.list, "shared": is_shared})


@transaction.atomic
def remove_view(*, view: SavedView, by: User, at: datetime) -> None:
    """Forget a view; the list itself stays as it is."""
    record(act="view.remove", by=by, at=at, subject=view, detail={"list": view.list})
    view.delete()


def _checked(name: str) -> str:
    name = clean_text(name, 60)
    if not name:
        raise ValidationError(_("Give the view a name."), code="required")
    return name
