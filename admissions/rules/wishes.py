"""Which cohorts an application asks for, and in which order."""

from collections.abc import Iterable
from typing import Any


def list_wishes(wish: Any) -> list[tuple[int, str]]:
    """Return course and city of what one application asks for, best first.

    The first course in the wanted city, then online, then the second course likewise.
    """
    courses = [pk for pk in (wish.course_1_id, wish.course_2_id) if pk]
    cities = [city for city in (wish.city, "ONL") if city]
    return list(dict.fromkeys((course, city) for course in courses for city in cities))


def rank_cohorts(wish: Any, cohorts: Iterable[Any]) -> list[Any]:
    """Return the cohorts to try for one application, best first.

    Those with places left in the order of the wishes, then the others likewise, for their waiting lines. Of
    equals the earlier given stays first.
    """
    order = {wished: place for place, wished in enumerate(list_wishes(wish))}
    wanted = [each for each in cohorts if (each.course_id, each.city) in order]
    return sorted(wanted, key=lambda each: (not each.places_left, order[each.course_id, each.city]))
