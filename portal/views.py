"""Pages that span the apps: the front page, where a person lands after signing in, the words of the house."""

import contextlib
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views import i18n as views_i18n
from django.views.decorators.http import require_GET, require_POST

from cohorts.models import City, Cohort
from cohorts.permissions import can_manage
from cohorts.services.enrolment import registration_is_open
from courses.models import Course, Programme
from portal.mosaic import draw_mosaic
from trainees.services.contact import choose_language


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The programme with its places: courses by cities, every cell a cohort to register for. Three queries."""
    programme = Programme.objects.latest_first().first()
    courses = list(Course.objects.offered().filter(programme=programme).order_by("id"))
    cohorts = list(
        Cohort.objects.offered()
        .filter(course__programme=programme)
        .select_related("course")
        .with_places()
        .order_by("starts_on", "id")
    )
    taken = sum(cohort.taken for cohort in cohorts)
    target = programme.seat_target if programme else 0
    offered = [each for each in cohorts if _is_offered(each, timezone.localdate())]
    return render(
        request,
        "portal/home.html",
        {
            "programme": programme,
            "mosaic": draw_mosaic(target, min(taken, target)),
            "taken": taken,
            "left": sum(each.places_left for each in offered),
            "target": target,
            "course_count": len(courses),
            "cohort_count": len(offered),
            "cities": _cities(offered),
            "rows": [{"course": course, "cells": _cells(course, offered)} for course in courses],
            "now": timezone.now(),
        },
    )


def _is_offered(cohort: Cohort, today: date) -> bool:
    """Tell whether a visitor can still register: open, and not over."""
    return registration_is_open(cohort, timezone.now()) and (cohort.ends_on or cohort.starts_on) >= today


def _cities(cohorts: list[Cohort]) -> list[dict[str, Any]]:
    found = []
    for code, name in sorted(City.choices, key=lambda each: each[0] != City.ONLINE):
        here = [cohort for cohort in cohorts if cohort.city == code]
        found.append({"code": code, "name": name, "left": sum(each.places_left for each in here), "cohorts": here})
    return found


def _cells(course: Course, cohorts: list[Cohort]) -> list[dict[str, Any]]:
    """Return for each city the first cohort of a course with places, else the first with a line, else nothing."""
    cells = []
    for code, _name in sorted(City.choices, key=lambda each: each[0] != City.ONLINE):
        here = [each for each in cohorts if each.course_id == course.pk and each.city == code]
        with_places = [each for each in here if each.places_left]
        left = sum(each.places_left for each in here)
        cells.append({"cohort": next(iter(with_places or here), None), "left": left})
    return cells


@login_required
def start(request: HttpRequest) -> HttpResponse:
    """Send a person who signed in to the page of their work."""
    if can_manage(request.user):
        return redirect("manage")
    if Cohort.objects.taught_by(request.user).exists():
        return redirect("teach")
    return redirect("me")


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Switch the language of this browser, and of a signed-in person's mails with it."""
    answer = views_i18n.set_language(request)
    if request.user.is_authenticated:
        with contextlib.suppress(ValidationError):
            choose_language(user=request.user, language=request.POST.get("language", ""), at=timezone.now())
    return answer


@require_GET
def words(request: HttpRequest, page: str) -> HttpResponse:
    """Privacy, accessibility, help."""
    return render(request, f"portal/{page}.html")


def show_error(request: HttpRequest, status: int) -> HttpResponse:
    """Say what is the matter without showing any data."""
    return render(request, f"{status}.html", status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return show_error(request, 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return show_error(request, 403)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form is out of date: its token is of another session, or the browser keeps none."""
    return render(request, "403_form.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return show_error(request, 404)
