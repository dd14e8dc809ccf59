"""Addresses of cohorts: public, of instructors, of the office."""

from django.urls import include, path

from cohorts.views import calendar, entry, public, scores
from cohorts.views.manage import cohorts, outcomes, trainees

urlpatterns = [
    path("cohorts/<str:code>/", public.show_cohort, name="cohort"),
    path("cohorts/<str:code>/register/", entry.register_for_cohort, name="cohort_register"),
    path("cohorts/<str:code>/registered/", entry.show_registered, name="cohort_registered"),
    path("confirm/<str:token>/", entry.confirm, name="confirm_address"),
    path("calendar/<str:secret>.ics", calendar.show_calendar, name="calendar"),
    path("me/calendar/", calendar.renew, name="calendar_renew"),
    path("me/reminders/", calendar.reminders, name="reminders"),
    path("", include("cohorts.teach_urls")),
    path("teach/cohorts/<str:code>/scores/", scores.show_scores, name="cohort_scores"),
    path("teach/cohorts/<str:code>/scores/preview/", scores.preview_scores, name="cohort_scores_preview"),
    path("manage/cohorts/", cohorts.CohortList.as_view(), name="manage_cohorts"),
    path("manage/cohorts/<str:code>/", cohorts.show_cohort, name="manage_cohort"),
    path("manage/cohorts/<str:code>/close/", cohorts.close, name="cohort_close"),
    path("manage/cohorts/<str:code>/reopen/", outcomes.reopen, name="cohort_reopen"),
    path("manage/cohorts/<str:code>/capacity/", cohorts.capacity, name="cohort_capacity"),
    path("manage/cohorts/<str:code>/auto-promote/", cohorts.auto_promote, name="cohort_auto_promote"),
    path("manage/trainees/", trainees.TraineeList.as_view(), name="manage_trainees"),
    path("manage/trainees/<str:number>/", trainees.show_trainee, name="manage_trainee"),
    path("manage/trainees/<str:number>/name/", trainees.correct_trainee_name, name="trainee_name"),
    path("manage/enrolments/<int:pk>/withdraw/", trainees.withdraw_enrolment, name="enrolment_withdraw"),
    path("manage/enrolments/<int:pk>/exception/", outcomes.grant, name="exception_grant"),
    path("manage/exceptions/<int:pk>/lift/", outcomes.lift, name="exception_lift"),
    path("manage/enrolments/<int:pk>/no-show/", trainees.no_show, name="enrolment_no_show"),
    path("manage/enrolments/<int:pk>/transfer/", trainees.transfer_enrolment, name="enrolment_transfer"),
]
