"""Addresses of the set-up pages."""

from django.urls import path

from portal.setup import staff, views

urlpatterns = [
    path("manage/setup/", views.overview, name="setup"),
    path("manage/setup/programme/", views.programme, name="setup_programme"),
    path("manage/setup/staff/", staff.staff, name="setup_staff"),
    path("manage/setup/courses/new/", views.course, name="setup_course_new"),
    path("manage/setup/courses/<str:code>/", views.course, name="setup_course"),
    path("manage/setup/cohorts/new/", views.cohort, name="setup_cohort"),
]
