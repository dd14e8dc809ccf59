"""Addresses of certificates: of the office, of holders, of everybody."""

from django.urls import path

from certificates import views

urlpatterns = [
    path("c/", views.verify_form, name="verify_form"),
    path("c/<str:code>/", views.verify, name="verify"),
    path("certificates/<str:code>/pdf/", views.download, name="certificate_pdf"),
    path("manage/cohorts/<str:code>/certificates/", views.issue, name="certificates_issue"),
    path("manage/batches/<int:pk>/", views.show_batch, name="batch"),
    path("manage/batches/<int:pk>/retry/", views.retry, name="batch_retry"),
    path("manage/certificates/", views.CertificateList.as_view(), name="certificates"),
    path("manage/certificates/<str:code>/", views.show_certificate, name="certificate"),
    path("manage/certificates/<str:code>/revoke/", views.revoke, name="certificate_revoke"),
    path("manage/certificates/<str:code>/replace/", views.replace, name="certificate_replace"),
]
