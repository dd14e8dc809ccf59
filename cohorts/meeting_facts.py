"""What was read and assumed of a file: each fact with where it comes from and where it is changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cohorts.imports.meetings.given import Given
from cohorts.meeting_words import (
    DELIMITER_NAMES,
    ENCODING_NAMES,
    MAKERS,
    MEANING_NAMES,
    ORDER_NAMES,
    SIGN_NAMES,
    SOURCES,
)
from cohorts.models import MeetingFile, MeetingReport


@dataclass(frozen=True)
class Fact:
    """Something read in a file: its value, where it comes from, whether it was only assumed, the field that changes it.

    `first` is one that a phone shows without being asked."""

    title: str
    value: str
    source: str
    field: str
    assumed: bool = False
    first: bool = False


def facts_of(report: MeetingReport, file: MeetingFile, found: int, on_register: int) -> list[Fact]:
    """Return the facts of one file that was read, those that matter most in the order of the page."""
    assumed = report.assumed.get(str(file.pk))
    if not assumed:
        return []
    given = Given.from_json(file.settled)
    is_register = assumed["kind"] == "register"
    return [
        *_whose(report, assumed, found, on_register),
        _dates(assumed),
        _zone(assumed),
        _signs(assumed["legend"], given) if is_register else _waiting(assumed),
        _text(assumed),
        _headings(assumed, given),
        _columns(assumed, given),
    ]


def _whose(report: MeetingReport, assumed: Mapping[str, Any], found: int, on_register: int) -> list[Fact]:
    """Say what made the file, and which cohort and session it is taken for."""
    session, rows = report.session, assumed["tally"]["rows"]
    made = str(MAKERS.get((assumed["maker"], assumed["kind"]), _("Table")))
    read = ngettext("from the columns, %d row", "from the columns, %d rows", rows) % rows
    here = report.session_id in assumed["sessions"]
    met = _("%(found)d of its %(all)d people are in the file") % {"found": found, "all": on_register}
    day = date_format(session.date, "D j M")
    when = f"{session.number} · {day}, {session.start_time:%H:%M}–{session.end_time:%H:%M}"
    whence = _("from the times in the file") if here else _("the file is of another day")
    return [
        Fact(_("Report"), made, read, "columns"),
        Fact(_("Cohort"), session.cohort.code, met, "move", first=True),
        Fact(_("Session"), when, whence, "move", assumed=not here, first=True),
    ]


def _dates(assumed: Mapping[str, Any]) -> Fact:
    order, example = assumed["order"], assumed["example"].partition("|")[0]
    value = ", ".join(part for part in (str(ORDER_NAMES[order["value"]]), example) if part)
    return Fact(_("Dates"), value, _source(order["source"]), "date_order", not order["sure"], not order["sure"])


def _zone(assumed: Mapping[str, Any]) -> Fact:
    zone = assumed["zone"]
    return Fact(_("Time zone"), zone["value"], _source(zone["source"]), "time_zone", not zone["sure"], first=True)


def _waiting(assumed: Mapping[str, Any]) -> Fact:
    """Say how many rows are not of the meeting, and by which column."""
    left_out = assumed["tally"]["waiting"] + assumed["tally"]["not_attended"]
    at = assumed.get("at", {}).get("waiting")
    why = _("not in the meeting: waiting or only registered")
    if at is not None:
        why = _("by what column %d says") % (at + 1)
    return Fact(_("Waiting room"), ngettext("%d row left out", "%d rows left out", left_out) % left_out, why, "columns")


def _signs(legend: Mapping[str, str], given: Given) -> Fact:
    """Say how the sign is read that registers use for two things."""
    value = str(SIGN_NAMES.get(legend.get("l", "late"), SIGN_NAMES["late"]))
    source = _source("given") if given.late_sign else _("as the sheet says") if "l" in legend else _("assumed")
    sure = "l" in legend
    return Fact(_("Signs"), value, source, "late_sign", assumed=not sure, first=not sure)


def _text(assumed: Mapping[str, Any]) -> Fact:
    if assumed["encoding"] == "workbook":
        return Fact(_("Text"), _("workbook"), _source("workbook"), "sheet")
    name = assumed["encoding"].removesuffix("-sig")
    parted = DELIMITER_NAMES.get(assumed["delimiter"], "")
    value = f"{ENCODING_NAMES.get(name, name.upper())}, {parted}"
    guessed = assumed["encoding_source"] == "guess"
    return Fact(_("Text"), value, _source(assumed["encoding_source"]), "encoding", guessed, guessed)


def _headings(assumed: Mapping[str, Any], given: Given) -> Fact:
    if not assumed["header_line"]:
        return Fact(_("Headings"), _("none"), _("a list of names"), "header_line")
    source = _source("given") if given.header_line else _("by their words")
    return Fact(_("Headings"), _("line %d") % assumed["header_line"], source, "header_line")


def _columns(assumed: Mapping[str, Any], given: Given) -> Fact:
    at = assumed.get("at", {})
    names = [
        str(MEANING_NAMES.get(name, name)) for name in sorted(assumed["columns"], key=lambda name: at.get(name, 0))
    ]
    source = _source("given") if given.columns else _("by their headings and cells")
    return Fact(_("Columns"), ", ".join(names) or _("names alone"), source, "columns")


def _source(code: str) -> str:
    return str(SOURCES.get(code, ""))
