"""Addresses of a person's own pages and of the office's acts on people."""

from django.urls import path

from portal.people import data, identity, merging, pages, profile, requests

urlpatterns = [
    path("me/", pages.show_today, name="me"),
    path("me/timetable/", pages.show_timetable, name="me_timetable"),
    path("me/certificates/", pages.show_certificates, name="me_certificates"),
    path("me/profile/", profile.show_profile, name="me_profile"),
    path("me/profile/name/", profile.save_name, name="me_name"),
    path("me/profile/contact/", profile.save_contact, name="me_contact"),
    path("me/profile/address/", profile.save_address, name="me_address"),
    path("me/profile/language/", profile.save_language, name="me_language"),
    path("me/address/<str:token>/", profile.confirm_address, name="me_confirm_address"),
    path("me/data/", data.show_data, name="me_data"),
    path("me/data/download/", data.download_data, name="me_data_download"),
    path("me/data/erase/", data.ask_erasure, name="me_erase"),
    path("manage/requests/", requests.list_requests, name="manage_requests"),
    path("manage/requests/names/<int:pk>/", requests.decide_name, name="name_decide"),
    path("manage/requests/erasures/<int:pk>/", requests.decide_erasure_request, name="erasure_decide"),
    path("manage/trainees/by-cnic/", identity.find_trainee, name="trainee_by_cnic"),
    path("manage/trainees/<str:number>/cnic/", identity.show_cnic, name="trainee_cnic"),
    path("manage/trainees/<str:number>/merge/", merging.merge, name="trainee_merge"),
]
