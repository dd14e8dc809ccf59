"""Marks, their ledger and the tallies of a filled database, made in SQL: there are millions."""

from django.db import connection

SUMS = {
    "sessions_present": ("present", "1"),
    "sessions_late": ("late", "1"),
    "sessions_excused": ("excused", "1"),
    "sessions_absent": ("absent", "1"),
    "minutes_present": ("present", "minutes"),
    "minutes_late": ("late", "minutes"),
    "minutes_present_scheduled": ("present", "180"),
    "minutes_late_scheduled": ("late", "180"),
    "minutes_excused": ("excused", "180"),
    "minutes_absent": ("absent", "180"),
}


def write_marks() -> None:
    """One mark per held session and enrolment: 4 % absent more, the further in; a tenth late, few excused."""
    luck = "(s.id * 7919 + e.id * 104729 + e.id * s.number * 31) % 1000"
    late = f"CASE WHEN {luck} < 60 + (e.id % 7) * 35 THEN 'absent' WHEN {luck} < 340 THEN 'late'"
    status = f"{late} WHEN {luck} < 360 THEN 'excused' ELSE 'present' END"
    minutes = "CASE status WHEN 'present' THEN 180 WHEN 'late' THEN 150 ELSE 0 END"
    flag = "0" if connection.vendor == "sqlite" else "false"
    inner = (
        f"SELECT s.id AS session_id, e.id AS enrolment_id, {status} AS status, s.ends_at AS marked_at "
        "FROM cohorts_session s JOIN cohorts_enrolment e ON e.cohort_id = s.cohort_id "
        "WHERE s.state = 'held' AND e.status = 'enrolled'"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cohorts_attendancerecord "
            "(session_id, enrolment_id, status, minutes, marked_at, channel, to_confirm) "
            f"SELECT session_id, enrolment_id, status, {minutes}, marked_at, 'register', {flag} FROM ({inner}) AS m"
        )


def write_ledger() -> None:
    """A line of the ledger for each mark, as the register would have written it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cohorts_attendancechange "
            "(session_id, enrolment_id, old_status, new_status, new_minutes, at, channel, reason, source, version) "
            "SELECT session_id, enrolment_id, '', status, minutes, marked_at, channel, '', '', 1 "
            "FROM cohorts_attendancerecord"
        )


def write_tallies(sessions: int) -> None:
    """Sum the marks of each enrolment, and plan that many sessions of three hours."""
    counted = ", ".join(
        f"SUM(CASE WHEN status = '{status}' THEN {value} ELSE 0 END) AS {name}_"
        for name, (status, value) in SUMS.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cohorts_enrolment SET "
            + ", ".join(f"{name} = t.{name}_" for name in SUMS)
            + f", sessions_planned = {sessions}, minutes_planned = {sessions * 180}, open_lengths = "
            + f"CASE WHEN t.marked < {sessions} THEN '180:' || ({sessions} - t.marked) ELSE '' END "
            + "FROM (SELECT enrolment_id, COUNT(*) AS marked, "
            + counted
            + " FROM cohorts_attendancerecord GROUP BY enrolment_id) AS t WHERE t.enrolment_id = cohorts_enrolment.id"
        )
