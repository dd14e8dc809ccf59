"""Registers that are missing: sessions that are over and have no marks."""

from django.db.models import QuerySet
from django.utils import timezone
from django.views.generic import ListView

from cohorts.models import Session
from cohorts.views.manage.access import OfficeMixin


class MissingRegisterList(OfficeMixin, ListView):
    """The oldest first. Five queries."""

    template_name = "cohorts/manage/registers.html"
    paginate_by = 60

    def get_queryset(self) -> QuerySet[Session]:
        found = Session.objects.to_mark(timezone.now()).select_related("cohort__course")
        return found.order_by("ends_at", "id")
