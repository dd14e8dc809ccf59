"""A certificate as it would be printed, drawn while somebody waits."""

import subprocess
import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

SECONDS = 60


def answer_drawn(request: HttpRequest, arguments: list[str], *, back: str) -> HttpResponse:
    """Answer with the PDF that `draw_design` draws, in a process of its own: WeasyPrint never enters this one.

    What cannot be drawn is said on a page that leads `back`.
    """
    command = [sys.executable, "manage.py", "draw_design", *arguments]
    try:
        done = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        done = None
    if done is None or done.returncode:
        return render(request, "certificates/no_preview.html", {"back": back}, status=422)
    return HttpResponse(done.stdout, content_type="application/pdf")
