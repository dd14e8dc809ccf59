"""Addresses of instructors: their day, the registers and what belongs to them."""

from django.urls import path

from cohorts.views import absences, check_in
from cohorts.views.teach import check_ins, cohorts, ledgers, meetings, registers, requests, today, warnings

urlpatterns = [
    path("sw.js", today.show_worker, name="teach_worker"),
    path("teach/", today.show_day, name="teach"),
    path("teach/cohorts/", cohorts.list_cohorts, name="teach_cohorts"),
    path("teach/cohorts/<str:code>/", cohorts.show_cohort, name="teach_cohort"),
    path("teach/sessions/<int:pk>/", registers.show_register, name="session_register"),
    path("teach/sessions/<int:pk>/cancel/", registers.cancel, name="session_cancel"),
    path("teach/sessions/<int:pk>/close/", registers.close, name="register_close"),
    path("teach/sessions/<int:pk>/reopen/", registers.reopen, name="register_reopen"),
    path("teach/sessions/<int:pk>/confirm/", registers.confirm, name="register_confirm"),
    path("teach/sessions/<int:pk>/walk-ins/", registers.add_walk_in, name="walk_in_add"),
    path("teach/sessions/<int:pk>/ledger/", ledgers.show_session_ledger, name="session_ledger"),
    path("teach/enrolments/<int:pk>/ledger/", ledgers.show_trainee_ledger, name="trainee_ledger"),
    path("teach/sessions/<int:pk>/check-in/", check_ins.show_screen, name="check_in_screen"),
    path("teach/sessions/<int:pk>/check-in/review/", check_ins.show_review, name="check_in_review"),
    path("teach/sessions/<int:pk>/check-in/heads/", check_ins.save_heads, name="check_in_heads"),
    path("teach/check-ins/<int:pk>/take/", check_ins.take, name="check_in_take"),
    path("teach/requests/", requests.show_requests, name="teach_requests"),
    path("teach/leave/<int:pk>/", requests.settle_leave, name="leave_settle"),
    path("teach/leave/<int:pk>/evidence/", requests.show_evidence, name="leave_evidence"),
    path("teach/appeals/<int:pk>/", requests.settle_appeal, name="appeal_settle"),
    path("teach/enrolments/<int:pk>/make-up/", requests.credit, name="make_up_credit"),
    path("teach/make-ups/<int:pk>/take-back/", requests.take_back_credit, name="make_up_take_back"),
    path("teach/warnings/", warnings.show_warnings, name="teach_warnings"),
    path("me/absences/", absences.show_absences, name="me_absences"),
    path("me/absences/leave/", absences.ask_leave, name="me_leave"),
    path("me/leave/<int:pk>/withdraw/", absences.take_back_leave, name="me_leave_withdraw"),
    path("me/marks/<int:pk>/dispute/", absences.dispute, name="me_dispute"),
    path("check-in/", check_in.arrive, name="check_in"),
    path("check-in/<str:code>/", check_in.scan, name="check_in_scan"),
    path("teach/sessions/<int:pk>/report/", meetings.show_report, name="meeting_report"),
    path("teach/sessions/<int:pk>/report/files/", meetings.add, name="meeting_add"),
    path("teach/sessions/<int:pk>/report/settle/", meetings.settle, name="meeting_settle"),
    path("teach/sessions/<int:pk>/report/confirm/", meetings.confirm, name="meeting_confirm"),
    path("teach/sessions/<int:pk>/report/share/", meetings.spread, name="meeting_share"),
    path("teach/report-people/<int:pk>/", meetings.decide, name="meeting_decide"),
    path("teach/report-files/<int:pk>/discard/", meetings.discard, name="meeting_discard"),
    path("teach/report-files/<int:pk>/progress/", meetings.progress, name="meeting_progress"),
    path("teach/walk-ins/<int:pk>/", registers.settle_walk_in, name="walk_in_match"),
]
