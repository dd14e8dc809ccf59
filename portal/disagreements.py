"""Certificates that no longer agree with what they certify: shown to the office, never changed by themselves (R45)."""

from typing import Any

from django.db.models import F, Q, QuerySet
from django.views.generic import ListView

from certificates.models import Certificate
from cohorts.models import Enrolment
from cohorts.views.manage import OfficeMixin


def find_disagreements() -> QuerySet[Certificate]:
    """Live certificates whose holder is not completed any more, or is called otherwise than printed. One query."""
    outcome = ~Q(enrolment__status=Enrolment.Status.COMPLETED)
    name = ~Q(name=F("enrolment__trainee__full_name"))
    live = Certificate.objects.filter(outcome | name, state=Certificate.State.ISSUED)
    return live.select_related("enrolment__trainee", "enrolment__cohort").order_by("enrolment__cohort__code", "id")


class DisagreementList(OfficeMixin, ListView):
    """What no longer agrees, certificate by certificate, with what can be done. Five queries."""

    template_name = "portal/manage/disagreements.html"
    paginate_by = 60

    def get_queryset(self) -> QuerySet[Certificate]:
        return find_disagreements()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["rows"] = [
            {"certificate": each, "outcome": each.enrolment.status != "completed", "trainee": each.enrolment.trainee}
            for each in context["object_list"]
        ]
        return context
