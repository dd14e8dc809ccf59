"""Places: the one path by which anybody gets, gives back or moves a place (R32).

`places` counts and gives under the cohort's lock; the other modules are the ways in and out.
"""

from cohorts.services.enrolment.entry import register, register_again, registration_is_open
from cohorts.services.enrolment.leaving import mark_no_show, withdraw
from cohorts.services.enrolment.moving import preview_carried, preview_each, transfer
from cohorts.services.enrolment.offers import accept_offer, decline_offer
from cohorts.services.enrolment.places import (
    count_places,
    enrol,
    lock_cohort,
    preview_capacity,
    promote_from_waitlist,
    set_auto_promote,
    set_capacity,
)

__all__ = [
    "accept_offer",
    "count_places",
    "decline_offer",
    "enrol",
    "lock_cohort",
    "mark_no_show",
    "preview_capacity",
    "preview_carried",
    "preview_each",
    "promote_from_waitlist",
    "register",
    "register_again",
    "registration_is_open",
    "set_auto_promote",
    "set_capacity",
    "transfer",
    "withdraw",
]
