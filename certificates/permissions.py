"""Who may issue, and who may revoke (R75: separate rights)."""

from typing import Any


def can_issue(user: Any) -> bool:
    return user.is_authenticated and user.has_perm("certificates.issue_certificate")


def can_revoke(user: Any) -> bool:
    return user.is_authenticated and user.has_perm("certificates.revoke_certificate")


def can_view(user: Any) -> bool:
    return user.is_authenticated and user.is_staff and user.has_perm("certificates.view_certificate")


def can_design(user: Any) -> bool:
    return can_view(user) and user.has_perm("certificates.change_template")
