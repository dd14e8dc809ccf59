"""Addresses of the lists."""

from django.urls import path

from portal.lists import saved_views
from portal.lists.act_views import act_on
from portal.lists.catalogue import LISTS
from portal.lists.run_views import act_run
from portal.lists.views import show_list

ADDRESSES = {
    "trainees": "manage/trainees/",
    "applications": "manage/applications/",
    "cohorts": "manage/cohorts/",
    "registers": "manage/registers/",
    "meetings": "manage/meetings/",
    "certificates": "manage/certificates/",
    "batches": "manage/batches/",
    "disagreements": "manage/disagreements/",
    "problems": "manage/certificates/problems/",
    "messages": "manage/messages/",
    "announcements": "manage/announcements/",
    "reports": "manage/reports/",
    "checks": "manage/checks/",
    "exports": "manage/exports/",
    "taken": "manage/exports/taken/",
    "clashes": "manage/clashes/",
    "instructors": "manage/setup/instructors/",
    "acts": "manage/acts/",
    "done": "manage/done/",
    "kept": "manage/done/registers/",
}

urlpatterns = [
    *(path(ADDRESSES[name], show_list, {"name": name}, name=each.url) for name, each in LISTS.items()),
    path("manage/lists/<str:name>/act/", act_on, name="list_act"),
    path("manage/acts/<int:pk>/", act_run, name="act_run"),
    path("manage/lists/<str:name>/views/", saved_views.save, name="view_save"),
    path("manage/views/<int:pk>/", saved_views.change, name="view_change"),
]
