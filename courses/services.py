"""Every write to programmes, courses and policies."""

from collections import Counter
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.services import compare, record
from courses.imports import AssessmentRow, CourseRow, PolicyRow, ProgrammeRow
from courses.models import Assessment, AttendancePolicy, Course, Module, Programme

DESCRIBED = (
    *("code", "title", "title_ur", "language", "contact_hours", "session_minutes", "prerequisites"),
    *("categories", "earliest_graduation_year", "minimum_age"),
)


@transaction.atomic
def import_courses(*, programme: ProgrammeRow, courses: list[CourseRow], by: Any, at: datetime) -> Counter[str]:
    """Create or update the programme and its courses; what is the same already is left alone.

    Returns how many courses were created, updated and unchanged. A changed rule of attendance is a new
    version of the policy, for cohorts that have not started (R21).
    """
    given = {name: value for name, value in asdict(programme).items() if value is not None}
    kept, _created = Programme.objects.update_or_create(code=programme.code, defaults=given)
    return Counter(save_course(programme=kept, row=row, by=by, at=at) for row in courses)


@transaction.atomic
def save_course(*, programme: Programme, row: CourseRow, by: Any, at: datetime, whole: bool = False) -> str:
    """Create or change one course with its modules; return `created`, `updated` or `unchanged`.

    `whole`: the row says everything, so that an empty limit on who may register takes one away. At most 20 queries.
    """
    values = {name: value for name, value in asdict(row).items() if name not in ("code", "modules", "policy")}
    for name in ("categories", "earliest_graduation_year", "minimum_age"):
        if values[name] is None and not whole:  # the file does not say who may register: what stands stays
            del values[name]
    course = Course.objects.filter(code=row.code).first()
    before = describe_course(course) if course else {}
    if course is None:
        course = Course.objects.create(programme=programme, code=row.code, **values)
        changed = ["new"]
    else:
        changed = [name for name, value in values.items() if getattr(course, name) != value]
        for name in changed:
            setattr(course, name, values[name])
        if changed:
            course.save(update_fields=changed)
    verdict = "created" if changed == ["new"] else "updated"
    changed += _save_modules(course, row.modules) + save_policy(course=course, policy=row.policy)
    if not changed:
        return "unchanged"
    record(
        act="course.save", by=by, at=at, subject=course, detail={"changed": compare(before, describe_course(course))}
    )
    return verdict


def describe_course(course: Course) -> dict[str, Any]:
    """Return a course with its newest policy in plain values, for previews and the history. Three queries."""
    values: dict[str, Any] = {name: getattr(course, name) for name in DESCRIBED}
    modules = course.modules.order_by("number").values_list("hours", "title")
    values["modules"] = [f"{hours} {title}" for hours, title in modules]
    newest = course.policies.prefetch_related("assessments").order_by("-version").first()
    if newest is not None:
        row = read_policy(newest)
        values |= {each.name: getattr(row, each.name) for each in fields(PolicyRow)}
        values["assessments"] = [_say_assessment(each) for each in row.assessments]
    return values


def _say_assessment(row: AssessmentRow) -> str:
    points = "" if row.points == 100 else f" ({row.points} points)"
    return f"{row.weight} {row.name}{points}{' *' if row.required else ''}"


def _save_modules(course: Course, rows: list[tuple[int, str, int]]) -> list[str]:
    standing = list(course.modules.order_by("number").values_list("number", "title", "hours"))
    if standing == sorted(rows):
        return []
    course.modules.all().delete()
    Module.objects.bulk_create([Module(course=course, number=n, title=t, hours=h) for n, t, h in rows])
    return ["modules"]


def save_policy(*, course: Course, policy: PolicyRow) -> list[str]:
    """Add a version of the course's policy when it differs from the newest one. At most five queries."""
    newest = course.policies.prefetch_related("assessments").order_by("-version").first()
    if newest is not None and read_policy(newest) == policy:
        return []
    wanted = {name: value for name, value in asdict(policy).items() if name != "assessments"}
    version = newest.version + 1 if newest else 1
    kept = AttendancePolicy.objects.create(course=course, version=version, **wanted)
    Assessment.objects.bulk_create(
        Assessment(policy=kept, number=number, **asdict(row)) for number, row in enumerate(policy.assessments, 1)
    )
    return ["policy"]


def read_policy(policy: AttendancePolicy) -> PolicyRow:
    """Return a stored version as the row that would make it. One query, none where assessments are prefetched."""
    works = sorted(policy.assessments.all(), key=lambda each: each.number)
    rows = tuple(AssessmentRow(each.name, each.weight, each.points, each.required) for each in works)
    columns = {each.name: getattr(policy, each.name) for each in fields(PolicyRow) if each.name != "assessments"}
    return PolicyRow(**columns, assessments=rows)
