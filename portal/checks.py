"""What the nightly comparison of the figures with the ledger found."""

from django.db.models import QuerySet
from django.views.generic import ListView

from cohorts.views.manage import OfficeMixin
from portal.models import FigureCheck


class FigureCheckList(OfficeMixin, ListView):
    """The newest first. Five queries."""

    template_name = "portal/manage/checks.html"
    paginate_by = 60

    def get_queryset(self) -> QuerySet[FigureCheck]:
        return FigureCheck.objects.order_by("-id")
