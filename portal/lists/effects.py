"""What follows from an act, in words, read from the trail that it would leave."""

from collections.abc import Callable, Mapping

from django.utils.translation import ngettext

EFFECTS: dict[str, Callable[[int], str]] = {
    "enrolment.withdraw": lambda n: ngettext(
        "%d place or place in a line is given back", "%d places or places in a line are given back", n
    ),
    "enrolment.no_show": lambda n: ngettext("%d place is freed", "%d places are freed", n),
    "enrolment.offer": lambda n: ngettext(
        "%d of the waiting is offered a place", "%d of the waiting are offered a place", n
    ),
    "enrolment.promote": lambda n: ngettext("%d of the waiting gets a place", "%d of the waiting get a place", n),
    "enrolment.create": lambda n: ngettext("%d new enrolment", "%d new enrolments", n),
    "enrolment.carry": lambda n: ngettext(
        "%d person takes attended sessions along", "%d people take attended sessions along", n
    ),
    "exception.grant": lambda n: ngettext("%d exception stands", "%d exceptions stand", n),
    "application.decide": lambda n: ngettext("%d application is decided", "%d applications are decided", n),
    "application.reopen": lambda n: ngettext(
        "%d application waits for a decision again", "%d applications wait for a decision again", n
    ),
    "cohort.close": lambda n: ngettext(
        "%d cohort is closed, with an outcome for everybody", "%d cohorts are closed, with an outcome for everybody", n
    ),
    "certificates.issue": lambda n: ngettext(
        "%d batch of certificates is made", "%d batches of certificates are made", n
    ),
    "certificates.retry": lambda n: ngettext("%d goes back to the worker", "%d go back to the worker", n),
    "message.retry": lambda n: ngettext("%d mail waits again", "%d mails wait again", n),
    "message.cancel": lambda n: ngettext("%d mail is taken back", "%d mails are taken back", n),
    "report.settle": lambda n: ngettext("%d report is settled", "%d reports are settled", n),
}


def describe_effects(acts: Mapping[str, int], mails: int) -> list[str]:
    """Return a sentence for each kind of act in the trail, and one for the mails."""
    said = [EFFECTS[act](n) % n for act, n in acts.items() if act in EFFECTS]
    if mails:
        said.append(ngettext("%d mail is written", "%d mails are written", mails) % mails)
    return said
