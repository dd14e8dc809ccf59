"""Addresses of instructors: their day, the registers and what belongs to them."""

from django.urls import path

from cohorts.views import check_in
from cohorts.views.teach import check_ins, ledgers, registers, today

urlpatterns = [
    path("sw.js", today.show_worker, name="teach_worker"),
    path("teach/", today.show_day, name="teach"),
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
    path("check-in/", check_in.arrive, name="check_in"),
    path("check-in/<str:code>/", check_in.scan, name="check_in_scan"),
    path("teach/walk-ins/<int:pk>/", registers.settle_walk_in, name="walk_in_match"),
]
