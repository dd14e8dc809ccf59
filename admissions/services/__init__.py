"""Every write to applications: the import, the decision of a person, the giving of places."""

from admissions.services.applications import (
    Examined,
    decide_application,
    examine_applications,
    import_applications,
    look_at_cnic,
    reopen_application,
)
from admissions.services.placing import (
    link_enrolled,
    place_applications,
    request_placing,
    run_placing,
    waiting_placings,
)

__all__ = [
    "Examined",
    "decide_application",
    "examine_applications",
    "import_applications",
    "link_enrolled",
    "look_at_cnic",
    "place_applications",
    "reopen_application",
    "request_placing",
    "run_placing",
    "waiting_placings",
]
