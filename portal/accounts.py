"""How allauth behaves here: accounts are made by registering for a cohort, nowhere else."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Close allauth's own sign-up: `cohorts.services.enrolment.register` is the one door."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
