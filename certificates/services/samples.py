"""Facts to try a design with: the longest and the oddest names that there are, in both scripts."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from certificates.codes import make_code
from certificates.models import Template
from certificates.rules import Printed, width_of
from certificates.services.designs import signatories_of
from courses.models import Course
from trainees.models import Trainee
from trainees.rules import clean_text

CASES = ("longest", "oddest", "english")
LATIN = (
    "Ali",
    "Muhammad Abdul Rehman Siddiqui Al-Farooqi Ibn-e-Khaldun Bahadur Khan",
    "Zoë D'Souza-Łukasz (née Ñandú)",
)
URDU = ("علی", "محمد عبدالرحمٰن صدیقی الفاروقی ابن خلدون بہادر خان", "فاطمۃ الزہراؓ")
PEOPLE = 5000  # the newest; enough to find what is odd


def sample_facts(*, template: Template, case: str, at: datetime) -> Printed:
    """Return made-up facts with real names for a preview; nothing is written. Six queries.

    `english` leaves the Urdu name out. A name that only a preview sees never becomes a certificate.
    """
    course = template.course or Course.objects.filter(programme=template.programme_id).order_by("id").first()
    if course is None:
        raise Course.DoesNotExist
    code = make_code()
    names, urdu = _names(case)
    return Printed(
        code=code,
        serial="-".join(code[start : start + 4] for start in range(0, 16, 4)),
        verify_url=f"{settings.SITE_URL}/c/{code}/",
        name=names,
        name_ur=urdu,
        programme=course.programme.title,
        organisation=course.programme.organisation,
        course=course.title,
        course_code=course.code,
        cohort=f"{course.code}-LHE-01",
        contact_hours=course.contact_hours,
        starts_on=at.date().isoformat(),
        ends_on=at.date().isoformat(),
        issued_on=at.date().isoformat(),
        signatories=signatories_of(course),
    )


def _names(case: str) -> tuple[str, str]:
    people = Trainee.objects.order_by("-id").values_list("full_name", "full_name_ur")[:PEOPLE]
    latin = [*LATIN, *(clean_text(name, 120) for name, _urdu in people)]
    urdu = [*URDU, *(clean_text(name, 120) for _name, name in people if name)]
    if case == "longest":
        return max(latin, key=lambda name: width_of(name, 10)), max(urdu, key=len)
    if case == "oddest":
        return _oddest(latin), _oddest(urdu)
    return LATIN[0], ""


def _oddest(names: Iterable[str]) -> str:
    """Return the name with the most different signs."""
    return max(names, key=lambda name: len({letter for letter in name if not ("a" <= letter.lower() <= "z")}))
