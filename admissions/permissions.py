"""Who may import and who may decide."""

from typing import Any


def can_import(user: Any) -> bool:
    return user.is_authenticated and user.has_perm("admissions.add_application")


def can_review(user: Any) -> bool:
    return user.is_authenticated and user.has_perm("admissions.change_application")
