"""Addresses of certificates: of the office, of holders, of everybody."""

from django.urls import path

from certificates.views import batches, files, office, public

urlpatterns = [
    path("c/", public.verify_form, name="verify_form"),
    path("c/<str:code>/", public.verify, name="verify"),
    path("certificates/<str:code>/pdf/", files.download, name="certificate_pdf"),
    path("manage/cohorts/<str:code>/certificates/", batches.issue, name="certificates_issue"),
    path("manage/batches/<int:pk>/", batches.show_batch, name="batch"),
    path("manage/batches/<int:pk>/retry/", batches.retry, name="batch_retry"),
    path("manage/certificates/", office.CertificateList.as_view(), name="certificates"),
    path("manage/certificates/<str:code>/", office.show_certificate, name="certificate"),
    path("manage/certificates/<str:code>/revoke/", office.revoke, name="certificate_revoke"),
    path("manage/certificates/<str:code>/replace/", office.replace, name="certificate_replace"),
]
