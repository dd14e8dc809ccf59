"""Every address of the product; each app brings its own."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import include, path

from portal import checks, issuing, mailbox, manage, me, names, search, views
from portal.export.views import download_export, export_list, show_export

admin.autodiscover()
admin.site.unregister(Group)  # groups are set on the staff page, which keeps their history; none is deleted
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", views.home, name="home"),
    path("start/", views.start, name="start"),
    path("privacy/", views.words, {"page": "privacy"}, name="privacy"),
    path("accessibility/", views.words, {"page": "accessibility"}, name="accessibility"),
    path("help/", views.words, {"page": "help"}, name="help"),
    path("me/enrolments/<int:pk>/give-back/", me.give_back, name="me_give_back"),
    path("me/enrolments/<int:pk>/accept/", me.accept, name="me_accept"),
    path("me/enrolments/<int:pk>/decline/", me.decline, name="me_decline"),
    path("me/enrolments/<int:pk>/move/", me.move, name="me_move"),
    path("me/confirm-again/", me.confirm_again, name="me_confirm_again"),
    path("manage/", manage.overview, name="manage"),
    path("manage/export/<str:name>/<str:kind>/", export_list, name="export"),
    path("manage/exports/<int:pk>/", show_export, name="exports_show"),
    path("manage/exports/<int:pk>/file/", download_export, name="exports_file"),
    path("", include("portal.lists.urls")),
    path("manage/checks/<int:pk>/", checks.DifferenceList.as_view(), name="figure_check"),
    path("manage/search/", search.search, name="search"),
    path("manage/names/", names.list_names, name="names_to_settle"),
    path("manage/messages/retry/", mailbox.retry_messages, name="messages_retry"),
    path("manage/messages/<int:pk>/", mailbox.show_message, name="manage_message"),
    path("manage/messages/<int:pk>/retry/", mailbox.retry_message, name="message_retry"),
    path("manage/messages/<int:pk>/cancel/", mailbox.cancel, name="message_cancel"),
    path("", include("portal.people.urls")),
    path("", include("portal.setup.urls")),
    path("", include("portal.reports.urls")),
    path("", include("admissions.urls")),
    path("manage/certificates/issue/", issuing.issue_all, name="certificates_issue_all"),
    path("", include("certificates.urls")),
    path("", include("cohorts.urls")),
    path("api/", include("portal.api")),
    path("accounts/", include("allauth.urls")),
    path("i18n/setlang/", views.set_language, name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "portal.views.bad_request"
handler403 = "portal.views.permission_denied"
handler404 = "portal.views.page_not_found"
