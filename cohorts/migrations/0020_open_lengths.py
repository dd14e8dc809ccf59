"""The lengths of the sessions that each enrolment has still open, and what follows from them."""

from collections import Counter, defaultdict
from typing import Any

from django.db import migrations, models
from django.db.models import F, Max, Min, Q, Value
from django.db.models.functions import Cast, Concat

STANDS = ~Q(sessions__state="cancelled")
MARKED = F("sessions_present") + F("sessions_late") + F("sessions_excused") + F("sessions_absent")


def fill(apps: Any, schema_editor: Any) -> None:
    """Where all sessions are of one length, the number that is open says it; elsewhere the marks are read."""
    cohorts, enrolments = apps.get_model("cohorts", "Cohort"), apps.get_model("cohorts", "Enrolment")
    lengths = cohorts.objects.annotate(
        shortest=Min("sessions__minutes", filter=STANDS), longest=Max("sessions__minutes", filter=STANDS)
    )
    for cohort in lengths.filter(longest__isnull=False).select_related("policy").order_by("id"):
        own = enrolments.objects.filter(cohort=cohort, sessions_planned__gt=0)
        if cohort.shortest == cohort.longest:
            number = Cast(F("sessions_planned") - MARKED, models.TextField())
            length = Value(f"{cohort.longest}:", models.TextField())
            own.filter(sessions_planned__gt=MARKED).update(open_lengths=Concat(length, number))
        else:
            _fill_uneven(apps, cohort, list(own))


def _fill_uneven(apps: Any, cohort: Any, own: list[Any]) -> None:
    done: dict[int, set[int]] = defaultdict(set)
    for name in ("AttendanceRecord", "CarriedSession"):
        found = apps.get_model("cohorts", name).objects.filter(enrolment__cohort=cohort)
        for enrolment_id, session_id in found.values_list("enrolment_id", "session_id"):
            done[enrolment_id].add(session_id)
    sessions = list(cohort.sessions.exclude(state="cancelled"))
    last_end = max(each.ends_at for each in sessions)
    for enrolment in own:
        still = [each for each in sessions if each.pk not in done[enrolment.pk] and _counts(enrolment, each, last_end)]
        counted = sorted(Counter(each.minutes for each in still).items(), reverse=True)
        enrolment.open_lengths = " ".join(f"{minutes}:{n}" for minutes, n in counted)
        if enrolment.standing in ("on_track", "at_risk") and cohort.policy.counted_by == "minutes":
            enrolment.standing = _stand(enrolment, cohort.policy, counted)
    apps.get_model("cohorts", "Enrolment").objects.bulk_update(own, ["open_lengths", "standing"], batch_size=200)


def _counts(enrolment: Any, session: Any, last_end: Any) -> bool:
    if enrolment.withdrawn_at is not None and session.starts_at >= enrolment.withdrawn_at:
        return False
    joined = enrolment.enrolled_at
    return joined is None or session.ends_at > joined or joined > last_end


def _stand(each: Any, policy: Any, lengths: list[tuple[int, int]]) -> str:
    """Decide on risk anew: the longest sessions are the first that may be missed."""
    earned = each.minutes_present + each.minutes_late + sum(minutes * n for minutes, n in lengths)
    planned = each.minutes_planned - (each.minutes_excused if policy.excused == "out" else 0)
    wanted = policy.minimum_percent * planned
    least = -(-wanted // 100) if policy.inclusive else wanted // 100 + 1
    spare = earned + (each.minutes_excused if policy.excused == "present" else 0) - least
    missable = 0
    for minutes in [minutes for minutes, n in lengths for _ in range(n)]:
        spare -= minutes
        if spare < 0:
            break
        missable += 1
    return "at_risk" if missable <= 3 and missable < sum(n for _, n in lengths) else "on_track"


class Migration(migrations.Migration):
    dependencies = [("cohorts", "0019_cohort_minutes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            # Django would rebuild the table on SQLite, which triggers of other tables that name it forbid.
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE cohorts_enrolment ADD COLUMN open_lengths text DEFAULT '' NOT NULL",
                    "ALTER TABLE cohorts_enrolment DROP COLUMN open_lengths",
                )
            ],
            state_operations=[
                migrations.AddField("enrolment", "open_lengths", models.TextField(blank=True, default="")),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
