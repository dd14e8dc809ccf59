"""Who may do what to a person's record; asked by pages and API alike."""

from typing import Any


def can_see_cnic(user: Any) -> bool:
    """See whole identity numbers: a right of its own (R75), and each look is recorded."""
    return user.is_authenticated and user.has_perm("trainees.view_cnic")
