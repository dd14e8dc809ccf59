"""Which sessions an instructor's pages may touch, and whose clock they show."""

from contextlib import AbstractContextManager
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from cohorts.models import Cohort, Session
from cohorts.permissions import can_mark


def find_session(request: HttpRequest, pk: int) -> Session:
    """Return a session the person may mark; others' sessions do not exist for them (R74). Two queries."""
    visible = Session.objects.visible_to(request.user).select_related("cohort__course", "cohort__policy")
    session = get_object_or_404(visible, pk=pk)
    if not can_mark(request.user, session):
        raise PermissionDenied
    return session


def in_zone_of(cohort: Cohort) -> AbstractContextManager[None]:
    """Show and spell moments by the cohort's clock (R22), whatever the server's or the reader's says."""
    return timezone.override(ZoneInfo(cohort.time_zone))
