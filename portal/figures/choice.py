"""What the dashboard is narrowed to: read from the address, written into the address of every list."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlencode

from cohorts.filters import KnownFilter
from cohorts.models import City
from trainees.models import Trainee

ALLOWED: dict[str, Any] = {
    "city": set(City.values),
    "province": {*Trainee.Province.values, KnownFilter.NONE},
    "gender": {*Trainee.Gender.values, KnownFilter.NONE},
    "category": {*Trainee.Category.values, KnownFilter.NONE},
}


@dataclass(frozen=True)
class Choice:
    """One value each of course, city, province, gender and category; empty is everything, `none` is not known."""

    course: str = ""
    city: str = ""
    province: str = ""
    gender: str = ""
    category: str = ""

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> "Choice":
        """Read a query string; what is no value of ours is left out."""
        values = {name: str(given.get(name, "")) for name in NAMES}
        for name, allowed in ALLOWED.items():
            values[name] = values[name] if values[name] in allowed else ""
        values["course"] = values["course"][:12].replace("\x00", "")
        return cls(**values)

    @property
    def is_all(self) -> bool:
        return self == Choice()

    def query(self, **more: str) -> str:
        """Return the query string of a list that holds exactly what is counted here, with `more` on top."""
        chosen = {name: getattr(self, name) for name in NAMES} | more
        return urlencode({name: value for name, value in chosen.items() if value})

    def lookups(self, paths: Mapping[str, str]) -> dict[str, str]:
        """Return the filter for a queryset; `paths` names its lookups of course, city, province ..."""
        chosen = {name: value for name in NAMES if (value := getattr(self, name)) and name in paths}
        return {paths[name]: "" if value == KnownFilter.NONE else value for name, value in chosen.items()}


NAMES = tuple(field.name for field in fields(Choice))
