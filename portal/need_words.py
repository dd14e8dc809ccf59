"""What the list of things to do says: a sentence, an icon and one act for each kind."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext_lazy

from portal.figures.needs import CODES_SHOWN, Need

Words = tuple[str, str, Any, Any]


def _n(one: str, many: str) -> Any:
    return ngettext_lazy(one, many, "n")


WORDS: dict[str, Words] = {
    # Of each kind its icon, its tone, the sentence, and what the button says.
    "differences": (
        "alert-triangle",
        "bad",
        _n("%(shown)s figure differs from the ledger", "%(shown)s figures differ from the ledger"),
        lazy("Look"),
    ),
    "certificates": (
        "alert-triangle",
        "bad",
        _n("%(shown)s certificate failed to print", "%(shown)s certificates failed to print"),
        lazy("Mend"),
    ),
    "mails": ("mail", "bad", _n("%(shown)s mail was not sent", "%(shown)s mails were not sent"), lazy("Retry")),
    "registers": (
        "list-check",
        "bad",
        _n("%(shown)s register is missing", "%(shown)s registers are missing"),
        lazy("Open list"),
    ),
    "problems": (
        "certificate",
        "bad",
        _n("%(shown)s problem reported with a certificate", "%(shown)s problems reported with certificates"),
        lazy("Answer"),
    ),
    "disagreements": (
        "certificate",
        "warn",
        _n("%(shown)s certificate no longer agrees", "%(shown)s certificates no longer agree"),
        lazy("Review"),
    ),
    "labels": (
        "users",
        "warn",
        _n("%(shown)s name to settle in meeting reports", "%(shown)s names to settle in meeting reports"),
        lazy("Settle"),
    ),
    "walk_ins": ("users", "warn", _n("%(shown)s walk-in to match", "%(shown)s walk-ins to match"), lazy("Match")),
    "names": (
        "pencil",
        "warn",
        _n("%(shown)s correction of a name to decide", "%(shown)s corrections of names to decide"),
        lazy("Decide"),
    ),
    "erasures": (
        "x",
        "warn",
        _n("%(shown)s removal of data to decide", "%(shown)s removals of data to decide"),
        lazy("Decide"),
    ),
    "leave": (
        "calendar-off",
        "warn",
        _n("%(shown)s request for leave to decide", "%(shown)s requests for leave to decide"),
        lazy("Decide"),
    ),
    "appeals": (
        "list-check",
        "warn",
        _n("%(shown)s mark is disputed", "%(shown)s marks are disputed"),
        lazy("Decide"),
    ),
    "out_of_reach": (
        "flag",
        "warn",
        _n("%(shown)s trainee can no longer reach the minimum", "%(shown)s trainees can no longer reach the minimum"),
        lazy("Open list"),
    ),
    "close": (
        "flag",
        "warn",
        _n("%(shown)s cohort is over and not closed", "%(shown)s cohorts are over and not closed"),
        lazy("Close"),
    ),
    "issue": (
        "certificate",
        "info",
        _n("%(shown)s certificate is to be issued", "%(shown)s certificates are to be issued"),
        lazy("Issue"),
    ),
    "offers": (
        "clock",
        "info",
        _n("%(shown)s offer waits for an answer", "%(shown)s offers wait for an answer"),
        lazy("Open list"),
    ),
    "review": (
        "inbox",
        "info",
        _n("%(shown)s application needs a person", "%(shown)s applications need a person"),
        lazy("Review"),
    ),
}


def describe_need(need: Need, *, at: datetime) -> dict[str, Any]:
    """Return a need as the page shows it; `age` in its largest unit."""
    icon, tone, sentence, act = WORDS[need.kind]
    codes = ", ".join(need.codes[:CODES_SHOWN])
    if len(need.codes) > CODES_SHOWN:
        codes = _("%s and others") % codes
    return {
        "kind": need.kind,
        "n": need.n,
        "icon": icon,
        "tone": tone,
        "sentence": sentence % {"n": need.n, "shown": f"{need.n:,}"},
        "act": act,
        "detail": " · ".join(part for part in (codes, _when(need)) if part),
        "age": timesince(need.since, at, depth=1) if need.since and need.since < at else "",
        "url": reverse(need.url, args=[need.arg] if need.arg else []) + need.tail,
    }


def _when(need: Need) -> str:
    if need.until:
        return _("the first ends %s") % date_format(localtime(need.until), "j M, H:i")
    if need.since and need.kind not in ("registers", "close", "differences"):
        return _("oldest since %s") % date_format(localtime(need.since), "j M Y")
    return ""
