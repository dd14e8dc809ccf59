"""The verdict on one application: what was understood, the codes, the message."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from admissions.imports import ApplicantRow
from admissions.rules.words import CourseName, match_course, read_category, read_city, read_year
from trainees import rules as people
from trainees.rules import Reading, clean_text

MESSAGES: dict[str, Any] = {
    **people.MESSAGES,
    "too_long": _("An answer is longer than what is kept; see it as typed."),
    "blank_row": _("The row is empty; nothing to do."),
    "repeated_header": _("The header line stands here again; nothing to do."),
    "test_row": _("This looks like a trial entry; nothing to do."),
    "declaration_missing": _("The declaration was not agreed to; ask the applicant to apply again."),
    "course_missing": _("No course was chosen; ask which one."),
    "course_unknown": _("The first preference is no course of this programme; ask which one."),
    "course_2_unknown": _("The second preference is no course of this programme."),
    "city_unclear": _("The city could not be read."),
    "category_unclear": _("Fresh graduate or working professional: it could not be read."),
    "formula_text": _("A field holds a spreadsheet formula instead of an answer; it is kept as text."),
    "duplicate_cnic": _("An earlier application has this CNIC; the earlier one counts."),
    "possible_duplicate_person": _("Perhaps the same person as an earlier application; compare both."),
    "cnic_one_digit_off": _("The CNIC differs in one digit from an earlier application with the same contact."),
    "already_trainee": _("This person is a trainee already."),
}
TEST_NAMES = {
    "test",
    "test test",
    "testing",
    "asdf",
    "asdfgh",
    "abc",
    "abcd",
    "xyz",
    "dummy",
    "qwerty",
    "demo",
    "sample",
}
FORMULA = re.compile(r"^\s*(=|@[A-Za-z]+\s*\(|[+\-][^\s]*[=|!(]|[+\-]\d+[+\-*/])")
TEXT_FIELDS = ("full_name", "father_or_husband_name", "employer", "degree", "university", "district")
YES = {
    "yes",
    "y",
    "true",
    "1",
    "agree",
    "agreed",
    "i agree",
    "ok",
    "accept",
    "accepted",
    "checked",
    "✓",
    "✔",
    "x",
    "جی ہاں",
    "ہاں",
}


@dataclass
class Understood:
    """One application as it was understood, with the verdict and every code for it."""

    row: ApplicantRow
    submitted_at: datetime | None
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    duplicate: bool = False

    @property
    def verdict(self) -> str:
        if self.problems:
            return "rejected"
        if self.duplicate:
            return "duplicate"
        return "review" if self.doubts else "accepted"

    @property
    def codes(self) -> list[str]:
        return [*self.problems, *(["duplicate_cnic"] if self.duplicate else []), *self.doubts]

    @property
    def message(self) -> str:
        return describe(self.codes)


def describe(codes: Iterable[str]) -> str:
    """Return what the codes mean, in the reader's language, as sentences to act on."""
    return " ".join(str(MESSAGES.get(code, code)) for code in codes)


# What a code is about, by a part of its name; the first that fits.
ABOUT = {
    "cnic": "cnic",
    "course_2": "course_2",
    "course": "course_1",
    "dob": "date_of_birth",
    "underage": "date_of_birth",
    "mobile": "mobile",
    "landline": "mobile",
    "email": "email",
    "gender": "gender",
    "province": "province",
    "city": "city",
    "category": "category",
    "declaration": "declaration",
    "name": "full_name",
}


def field_of(code: str) -> str:
    """Return the field that a code is about; empty when it is about the whole row."""
    return next((name for part, name in ABOUT.items() if part in code), "")


class Reader:
    """Reads the rows of one file, in order: the day-month order and the fallback date are the file's."""

    def __init__(self, courses: Iterable[CourseName], *, fields: frozenset[str], order: str, today: date) -> None:
        self.courses = list(courses)
        self.fields = fields
        self.order = order
        self.today = today

    def read(self, row: ApplicantRow, submitted_at: datetime | None) -> Understood:
        """Understand one row. Every problem is named, not only the first."""
        found = Understood(row, submitted_at)
        special = self._special(row)
        if special:
            found.problems.append(special)
            return found
        day = submitted_at.date() if submitted_at else self.today
        self._read_person(found, row, day)
        self._read_wishes(found, row)
        if any(FORMULA.match(row.text(name)) for name in TEXT_FIELDS):
            found.doubts = [code for code in found.doubts if code != "name_unclear"] + ["formula_text"]
            found.problems = [code for code in found.problems if code != "missing_name"]
        return found

    def _special(self, row: ApplicantRow) -> str:
        if row.is_blank:
            return "blank_row"
        if row.is_header:
            return "repeated_header"
        name = clean_text(row.text("full_name")).casefold()
        email = clean_text(row.text("email")).casefold()
        is_test = name in TEST_NAMES and not people.read_cnic(row.text("cnic")).value
        return "test_row" if is_test or (email.startswith("test@") and name in TEST_NAMES) else ""

    def _read_person(self, found: Understood, row: ApplicantRow, day: date) -> None:
        readings = {
            "full_name": people.read_name(row.text("full_name")),
            "cnic": people.read_cnic(row.text("cnic")),
            "email": people.read_email(row.text("email")),
            "mobile": people.read_mobile(row.text("mobile")),
            "date_of_birth": people.read_birth_date(row.cells.get("date_of_birth", ""), on=day, order=self.order),
            "gender": self._optional("gender", people.read_gender, row),
            "province": self._optional("province", people.read_province, row),
        }
        for name, reading in readings.items():
            found.values[name] = reading.value
            found.problems += reading.problems
            found.doubts += reading.doubts
        cnic, gender = found.values["cnic"], found.values["gender"]
        if cnic and gender and people.gender_of_cnic(cnic) != gender:
            found.doubts.append("gender_cnic_mismatch")

    def _optional(self, name: str, read: Any, row: ApplicantRow) -> Reading:
        return read(row.text(name)) if name in self.fields else Reading(value="")

    def _read_wishes(self, found: Understood, row: ApplicantRow) -> None:
        found.values["father_or_husband_name"] = people.read_name(row.text("father_or_husband_name")).value or ""
        for name, limit in (("degree", 160), ("university", 160), ("district", 80), ("employer", 200)):
            text = clean_text(row.text(name))
            found.values[name] = "" if people.is_nothing(text) else text[:limit].strip()
            found.doubts += ["too_long"] if len(text) > limit else []
        found.values["graduation_year"] = read_year(row.text("graduation_year"))
        for reading, name in (
            (self._optional("city", read_city, row), "city"),
            (self._optional("category", read_category, row), "category"),
        ):
            found.values[name] = reading.value
            found.doubts += reading.doubts
        self._read_courses(found, row)
        if "declaration" in self.fields and clean_text(row.text("declaration")).casefold().strip(".! ") not in YES:
            agreed = clean_text(row.text("declaration")).casefold().startswith(("i ", "yes", "agree"))
            found.problems += [] if agreed else ["declaration_missing"]

    def _read_courses(self, found: Understood, row: ApplicantRow) -> None:
        first, second = row.text("course_1"), row.text("course_2")
        found.values["course_1"] = match_course(first, self.courses)
        found.values["course_2"] = match_course(second, self.courses)
        if found.values["course_1"] is None:
            found.problems.append("course_missing" if people.is_nothing(first) else "course_unknown")
        if found.values["course_2"] is None and not people.is_nothing(second):
            found.doubts.append("course_2_unknown")


def mark_duplicates(found: Iterable[Understood], known: Mapping[str, str]) -> None:
    """Mark later applications of a person, in file order.

    `known` holds the CNICs of applications that stand already, with a contact each. A rejected row is no
    application, so a later row with its CNIC is the first. One digit off with the same e-mail, mobile, or
    name and birth date is for a person to settle.
    """
    cnics = set(known)
    contacts: dict[Any, set[str]] = {}
    for taken, contact in known.items():
        contacts.setdefault(contact, set()).add(taken)
    for each in found:
        cnic = each.values.get("cnic")
        if each.problems or not cnic:
            continue
        if cnic in cnics:
            each.duplicate = True
            continue
        keys = _contact_keys(each.values)
        if any(_one_digit_off(cnic, other) for key in keys for other in contacts.get(key, ())):
            each.doubts += ["possible_duplicate_person", "cnic_one_digit_off"]
        cnics.add(cnic)
        for key in keys:
            contacts.setdefault(key, set()).add(cnic)


def _contact_keys(values: Mapping[str, Any]) -> list[Any]:
    person = ((values.get("full_name") or "").casefold(), values.get("date_of_birth"))
    return [key for key in (values.get("email"), values.get("mobile"), person) if key]


def _one_digit_off(one: str, other: str) -> bool:
    return len(one) == len(other) and sum(a != b for a, b in zip(one, other, strict=True)) == 1
