"""Addresses of the set-up pages."""

from django.urls import path

from portal.setup import checks, cohort_views, instructors, naming, plan, retiring, staff, venues, views

urlpatterns = [
    path("manage/setup/", views.overview, name="setup"),
    path("manage/setup/checks/", checks.checks, name="setup_checks"),
    path("manage/setup/checks/<str:kind>/", checks.check, name="setup_check"),
    path("manage/setup/staff/", staff.staff, name="setup_staff"),
    path("manage/setup/retire/<str:kind>/<int:pk>/", retiring.retire, name="setup_retire"),
    path("manage/setup/programmes/new/", views.programme, name="setup_programme_new"),
    path("manage/setup/programmes/<str:code>/", views.programme, name="setup_programme"),
    path("manage/setup/courses/new/", views.course, name="setup_course_new"),
    path("manage/setup/courses/<str:code>/", views.course, name="setup_course"),
    path("manage/setup/venues/", venues.venues, name="setup_venues"),
    path("manage/setup/venues/new/", venues.venue, name="setup_venue_new"),
    path("manage/setup/venues/<int:pk>/", venues.venue, name="setup_venue"),
    path("manage/setup/instructors/new/", instructors.invite_one, name="setup_instructor_new"),
    path("manage/setup/instructors/<int:pk>/", instructors.instructor, name="setup_instructor"),
    path("manage/setup/cohorts/new/", cohort_views.new_cohort, name="setup_cohort_new"),
    path("manage/setup/cohorts/<str:code>/", cohort_views.cohort, name="setup_cohort"),
    path("manage/setup/cohorts/<str:code>/plan/", plan.plan, name="setup_plan"),
    path("manage/setup/cohorts/<str:code>/sessions/", cohort_views.holders, name="setup_holders"),
    path("manage/setup/cohorts/<str:code>/instructors/", naming.add, name="setup_instructor_add"),
    path(
        "manage/setup/cohorts/<str:code>/instructors/<int:pk>/remove/",
        naming.remove,
        name="setup_instructor_remove",
    ),
]
