"""Minutes attended, summed mark by mark: what the summaries must agree with."""

from cohorts.models import AttendanceRecord, Enrolment


def sum_minutes(**who):
    """Sum the marks of those on the register one by one; `session...` narrows the marks, all else the people."""
    one = {name: who.pop(name) for name in [*who] if name.startswith("session")}
    marks = AttendanceRecord.objects.filter(**one).exclude(status="excused").select_related("session")
    enrolments = Enrolment.objects.on_register().filter(**who)
    found = [(mark.minutes, mark.session.minutes) for mark in marks.filter(enrolment__in=enrolments)]
    return sum(earned for earned, _of in found), sum(possible for _earned, possible in found)
