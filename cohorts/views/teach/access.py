"""Which sessions an instructor's pages may touch."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from cohorts.models import Session
from cohorts.permissions import can_mark


def find_session(request: HttpRequest, pk: int) -> Session:
    """Return a session the person may mark; others' sessions do not exist for them (R74). Two queries."""
    visible = Session.objects.visible_to(request.user).select_related("cohort__course", "cohort__policy")
    session = get_object_or_404(visible, pk=pk)
    if not can_mark(request.user, session):
        raise PermissionDenied
    return session
