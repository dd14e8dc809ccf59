"""What the nightly comparison of the figures with the ledger found."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.views.generic import ListView

from cohorts.views.manage import OfficeMixin
from portal.models import FigureCheck


class DifferenceList(OfficeMixin, ListView):
    """Each difference that one comparison found, as a sentence; the first thousand. Four queries."""

    template_name = "portal/manage/check.html"
    paginate_by = 100

    def get_queryset(self) -> Any:
        self.check = get_object_or_404(FigureCheck, pk=self.kwargs["pk"])
        return self.check.examples

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"check": self.check}
