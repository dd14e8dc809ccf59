"""The groups of the programme office and their rights (R75: rights are separate)."""

from typing import Any

from django.contrib.auth.models import Group, Permission

OFFICE_MODELS = ("admissions", "certificates", "cohorts", "courses", "trainees")
GROUPS: dict[str, list[str]] = {
    "Programme office": [
        "cohorts.manage_enrolment",
        "cohorts.add_cohort",
        "cohorts.change_cohort",
        "cohorts.add_session",
        "cohorts.change_session",
        "cohorts.change_holiday",
        "cohorts.add_announcement",
        "cohorts.add_attendancerecord",
        "cohorts.change_attendancerecord",
        "trainees.change_trainee",
        "trainees.add_trainee",
        "trainees.change_message",
        "trainees.read_message",
        "admissions.add_application",
        "admissions.change_application",
    ],
    "Registrar": ["cohorts.reopen_register", "cohorts.correct_attendance"],
    "Programme lead": [
        "cohorts.reopen_cohort",
        "cohorts.grant_exception",
        "cohorts.correct_attendance",
        "trainees.change_user",  # staff and their groups
    ],
    "Issuer": [
        "certificates.issue_certificate",
        "certificates.revoke_certificate",
        "certificates.change_template",
    ],
    "Auditor": ["audit.view_auditentry"],
    "Identity numbers": ["trainees.view_cnic"],
}


def ensure_groups(**kwargs: Any) -> None:
    """Create the groups and give each its rights; every group may look at everything but the CNIC.

    Runs after each `migrate`; a repeated run changes nothing. A right taken away here is taken away there.
    """
    views = Permission.objects.filter(content_type__app_label__in=OFFICE_MODELS, codename__startswith="view_")
    views = views.exclude(codename="view_cnic")
    for name, rights in GROUPS.items():
        group, _ = Group.objects.get_or_create(name=name)
        named = [_permission(right) for right in rights]
        group.permissions.set([*views, *[right for right in named if right is not None]])


def _permission(right: str) -> Permission | None:
    app_label, codename = right.split(".")
    return Permission.objects.filter(content_type__app_label=app_label, codename=codename).first()
