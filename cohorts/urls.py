"""Addresses of cohorts: public, of instructors, of the office."""

from django.urls import path

from cohorts.views import manage, public, teach

urlpatterns = [
    path("cohorts/<str:code>/", public.show_cohort, name="cohort"),
    path("cohorts/<str:code>/register/", public.register_for_cohort, name="cohort_register"),
    path("teach/", teach.day, name="teach"),
    path("teach/sessions/<int:pk>/", teach.show_register, name="session_register"),
    path("teach/sessions/<int:pk>/cancel/", teach.cancel, name="session_cancel"),
    path("manage/cohorts/", manage.CohortList.as_view(), name="manage_cohorts"),
    path("manage/cohorts/<str:code>/", manage.show_cohort, name="manage_cohort"),
    path("manage/cohorts/<str:code>/close/", manage.close, name="cohort_close"),
    path("manage/cohorts/<str:code>/capacity/", manage.capacity, name="cohort_capacity"),
    path("manage/trainees/", manage.TraineeList.as_view(), name="manage_trainees"),
    path("manage/trainees/<str:number>/", manage.show_trainee, name="manage_trainee"),
    path("manage/trainees/<str:number>/name/", manage.correct_trainee_name, name="trainee_name"),
    path("manage/enrolments/<int:pk>/withdraw/", manage.withdraw_enrolment, name="enrolment_withdraw"),
    path("manage/enrolments/<int:pk>/transfer/", manage.transfer_enrolment, name="enrolment_transfer"),
]
