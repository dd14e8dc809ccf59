"""System checks of what certificates need."""

import ctypes
from typing import Any

from django.core.checks import Error, register


@register()
def check_subsetter(**_kwargs: Any) -> list[Error]:
    """Without HarfBuzz's subsetter WeasyPrint cuts fonts 26 times slower."""
    try:
        ctypes.CDLL("libharfbuzz-subset.so.0")
    except OSError:
        hint = "Install the package libharfbuzz-subset0 (bin/setup does)."
        return [Error("libharfbuzz-subset is missing.", hint=hint, id="certificates.E001")]
    return []
