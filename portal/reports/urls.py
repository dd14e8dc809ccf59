"""Addresses of the reports."""

from django.urls import path

from portal.reports import views

urlpatterns = [
    path("manage/reports/ask/", views.ask, name="report_ask"),
    path("manage/reports/<int:pk>/", views.show, name="report"),
    path("manage/reports/<int:pk>/pdf/", views.download, name="report_pdf"),
    path("manage/reports/<int:pk>/cohorts/", views.download_cohorts, name="report_cohorts"),
]
