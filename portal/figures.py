"""The figures of the programme: a fixed number of queries, whatever its size."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncWeek

from admissions.models import Application
from certificates.models import Certificate
from cohorts.models import AttendanceRecord, Cohort, Enrolment, Session
from courses.models import Programme
from trainees.models import Message


@dataclass(frozen=True)
class Figures:
    """What the overview shows; each number equals the length of the list it links to."""

    programme: Programme | None
    applied: int
    to_review: int
    accepted: int
    placed: int
    waiting: int
    attending: int
    at_risk: int
    completed: int
    not_completed: int
    withdrawn: int
    certified: int
    to_start: int
    on_track: int

    @property
    def target(self) -> int:
        return self.programme.seat_target if self.programme else 0

    @property
    def free(self) -> int:
        return max(0, self.target - self.placed)


def count_programme() -> Figures:
    """Count everything. Four queries."""
    live = Q(status=Enrolment.Status.ENROLLED)
    running = live & Q(cohort__state=Cohort.State.RUNNING)
    watched = Q(standing__in=[Enrolment.Standing.AT_RISK, Enrolment.Standing.CANNOT_REACH])
    people = Enrolment.objects.aggregate(
        placed=Count("id", filter=Q(status__in=Enrolment.ON_REGISTER)),
        waiting=Count("id", filter=Q(status="waitlisted")),
        attending=Count("id", filter=running),
        at_risk=Count("id", filter=running & watched),
        completed=Count("id", filter=Q(status="completed")),
        not_completed=Count("id", filter=Q(status="not_completed")),
        withdrawn=Count("id", filter=Q(status="withdrawn")),
        to_start=Count("id", filter=live & Q(cohort__state=Cohort.State.PLANNED)),
    )
    applications = Application.objects.aggregate(
        applied=Count("id", filter=~Q(verdict="duplicate")),
        to_review=Count("id", filter=Q(status="in_review")),
        accepted=Count("id", filter=Q(status__in=["accepted", "offered", "placed"])),
    )
    return Figures(
        programme=Programme.objects.order_by("-starts_on", "-id").first(),
        certified=Certificate.objects.filter(state=Certificate.State.ISSUED).count(),
        on_track=people["attending"] - people["at_risk"],
        **people,
        **applications,
    )


def list_needs(*, at: datetime) -> list[dict[str, Any]]:
    """Return what needs a person today, most urgent first. Six queries."""
    failed_certificates = Certificate.objects.filter(state="failed").count()
    failed_mails = Message.objects.filter(state="failed").count()
    open_cohorts = Cohort.objects.exclude(state="closed")
    late = Session.objects.filter(ends_at__lt=at, state="planned", cohort__in=open_cohorts)
    missing = late.values("cohort__code").annotate(n=Count("id")).order_by("-n", "cohort__code")[:20]
    over = (
        open_cohorts.filter(state="running")
        .exclude(sessions__in=Session.objects.filter(ends_at__gt=at))
        .order_by("ends_on")
    )
    to_review = Application.objects.to_review().count()
    due = Enrolment.objects.filter(status="completed", certificates__isnull=True)
    due_by = due.values("cohort__code").annotate(n=Count("id")).order_by("cohort__code")[:5]
    needs = [
        {"kind": "certificates", "n": failed_certificates, "url": "certificates", "query": "?state=failed"},
        {"kind": "mails", "n": failed_mails, "url": "manage_messages", "query": "?state=failed"},
        {
            "kind": "registers",
            "n": sum(each["n"] for each in missing),
            "codes": [each["cohort__code"] for each in missing],
        },
    ]
    needs += [{"kind": "close", "n": 1, "code": cohort.code} for cohort in over[:6]]
    needs += [{"kind": "issue", "n": each["n"], "code": each["cohort__code"]} for each in due_by]
    needs.append({"kind": "review", "n": to_review, "url": "manage_applications", "query": "?status=in_review"})
    return [need for need in needs if need["n"]]


def attendance_by_week(*, limit: int = 12) -> tuple[list[Any], list[dict[str, Any]]]:
    """Return the last weeks with sessions and, per running cohort, the percentage of minutes attended. Two queries."""
    found = (
        AttendanceRecord.objects.filter(session__state="held", session__cohort__state="running")
        .exclude(status="excused")
        .annotate(week=TruncWeek("session__date"))
        .values("session__cohort__code", "session__cohort__course__title", "week")
        .annotate(earned=Sum("minutes"), possible=Sum("session__minutes"))
    )
    weeks = sorted({each["week"] for each in found})[-limit:]
    rows: dict[str, dict[str, Any]] = {}
    for each in found:
        row = rows.setdefault(
            each["session__cohort__code"],
            {"code": each["session__cohort__code"], "title": each["session__cohort__course__title"], "weeks": {}},
        )
        row["weeks"][each["week"]] = each["earned"] * 100 // each["possible"] if each["possible"] else None
    listed = [
        {**row, "cells": [_cell(row["weeks"].get(week)) for week in weeks]}
        for row in rows.values()
        if any(week in row["weeks"] for week in weeks)
    ]
    listed.sort(key=lambda row: (row["weeks"].get(max(row["weeks"]), 101), row["code"]))
    return weeks, listed


def _cell(percent: int | None) -> dict[str, Any] | None:
    if percent is None:
        return None
    step = 1 if percent < 60 else 2 if percent < 75 else 3 if percent < 85 else 4 if percent < 95 else 5
    return {"percent": percent, "step": step}


def split_by_province() -> list[dict[str, Any]]:
    """Return the placed by province, with women, largest first. One query."""
    found = (
        Enrolment.objects.on_register()
        .values("trainee__province")
        .annotate(
            places=Count("id"),
            women=Count("id", filter=Q(trainee__gender="F")),
            earned=Sum("minutes_present") + Sum("minutes_late"),
            possible=Sum("minutes_present_scheduled") + Sum("minutes_late_scheduled") + Sum("minutes_absent"),
        )
        .order_by("-places")
    )
    return [dict(row) for row in found]
