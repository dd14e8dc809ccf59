"""Addresses of a person's own pages and of the office's acts on people."""

from django.urls import path

from portal.people import identity

urlpatterns = [
    path("manage/trainees/by-cnic/", identity.find_trainee, name="trainee_by_cnic"),
    path("manage/trainees/<str:number>/cnic/", identity.show_cnic, name="trainee_cnic"),
]
