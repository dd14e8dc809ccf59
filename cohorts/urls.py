"""Addresses of cohorts: public, of instructors, of the office."""

from django.urls import include, path

from cohorts.views import announcements, calendar, entry, public, scores
from cohorts.views.manage import cohorts, outcomes, programme, timetable, together, trainees

urlpatterns = [
    path("cohorts/<str:code>/", public.show_cohort, name="cohort"),
    path("cohorts/<str:code>/register/", entry.register_for_cohort, name="cohort_register"),
    path("cohorts/<str:code>/registered/", entry.show_registered, name="cohort_registered"),
    path("confirm/<str:token>/", entry.confirm, name="confirm_address"),
    path("calendar/<str:secret>.ics", calendar.show_calendar, name="calendar"),
    path("me/calendar/", calendar.renew, name="calendar_renew"),
    path("me/reminders/", calendar.reminders, name="reminders"),
    path("teach/cohorts/<str:code>/write/", announcements.write, name="cohort_write"),
    path("announcements/<int:pk>/", announcements.show, name="announcement"),
    path("announcements/<int:pk>/cancel/", announcements.cancel, name="announcement_cancel"),
    path("manage/announcements/new/", announcements.write, name="announcement_new"),
    path("", include("cohorts.teach_urls")),
    path("teach/cohorts/<str:code>/scores/", scores.show_scores, name="cohort_scores"),
    path("teach/cohorts/<str:code>/scores/preview/", scores.preview_scores, name="cohort_scores_preview"),
    path("manage/cohorts/<str:code>/", cohorts.show_cohort, name="manage_cohort"),
    path("manage/cohorts/<str:code>/close/", cohorts.close, name="cohort_close"),
    path("manage/cohorts/<str:code>/reopen/", outcomes.reopen, name="cohort_reopen"),
    path("manage/cohorts/<str:code>/capacity/", together.capacity, name="cohort_capacity"),
    path("manage/cohorts/<str:code>/excuse/", together.excuse, name="cohort_excuse"),
    path("manage/cohorts/<str:code>/auto-promote/", cohorts.auto_promote, name="cohort_auto_promote"),
    path("manage/cohorts/<str:code>/timetable/", timetable.show_timetable, name="timetable"),
    path("manage/cohorts/<str:code>/timetable/add/", timetable.add, name="session_add"),
    path("manage/cohorts/<str:code>/timetable/skip/", timetable.skip, name="timetable_skip"),
    path("manage/cohorts/<str:code>/timetable/switch/", timetable.switch, name="timetable_switch"),
    path("manage/sessions/<int:pk>/", timetable.move, name="session_move"),
    path("manage/sessions/<int:pk>/cancel/", timetable.cancel, name="session_strike"),
    path("manage/sessions/<int:pk>/marks/", timetable.marks, name="session_marks"),
    path("manage/timetables/", programme.change_all, name="timetables"),
    path("manage/timetables/switch/", programme.change_all, {"kind": "switch"}, name="timetables_switch"),
    path("manage/timetables/<str:group>/", programme.show_group, name="timetable_group"),
    path("manage/holidays/", programme.holidays, name="holidays"),
    path("manage/holidays/<int:pk>/rename/", programme.rename, name="holiday_rename"),
    path("manage/holidays/<int:pk>/remove/", programme.remove, name="holiday_remove"),
    path("manage/trainees/<str:number>/", trainees.show_trainee, name="manage_trainee"),
    path("manage/trainees/<str:number>/name/", trainees.correct_trainee_name, name="trainee_name"),
    path("manage/enrolments/<int:pk>/withdraw/", trainees.withdraw_enrolment, name="enrolment_withdraw"),
    path("manage/enrolments/<int:pk>/exception/", outcomes.grant, name="exception_grant"),
    path("manage/exceptions/<int:pk>/lift/", outcomes.lift, name="exception_lift"),
    path("manage/enrolments/<int:pk>/no-show/", trainees.no_show, name="enrolment_no_show"),
    path("manage/enrolments/<int:pk>/transfer/", trainees.transfer_enrolment, name="enrolment_transfer"),
]
