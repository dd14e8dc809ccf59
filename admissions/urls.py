"""Addresses of applications, for the office."""

from django.urls import path

from admissions import import_views, views

urlpatterns = [
    path("manage/applications/import/", import_views.import_file, name="manage_import_applicants"),
    path("manage/applications/place/", views.place, name="manage_place_applications"),
    path("manage/applications/place/<int:pk>/", views.show_placing, name="manage_placing"),
    path("manage/applications/<int:pk>/", views.review, name="manage_application"),
    path("manage/applications/<int:pk>/cnic/", views.show_cnic, name="application_cnic"),
]
