"""Addresses of certificates: of the office, of holders, of everybody."""

from django.urls import path

from certificates.views import archives, batches, designs, files, imports, life, machines, office, public, reports

urlpatterns = [
    path("c/", public.verify_form, name="verify_form"),
    path("c/<str:code>/", public.verify, name="verify"),
    path("c/<str:code>/credential.json", machines.credential_json, name="credential_json"),
    path("c/<str:code>/credential.jwt", machines.credential_jwt, name="credential_jwt"),
    path(".well-known/did.json", machines.did, name="did"),
    path("status/<int:number>", machines.status_list, name="status_list"),
    path("trust/", machines.trust, name="trust"),
    path("trust/<slug:name>.pem", machines.key_certificate, name="key_certificate"),
    path("c/<str:code>/picture/<int:edition>.png", public.picture, name="verify_picture"),
    path("c/<str:code>/report/", reports.report, name="verify_report"),
    path("certificates/<str:code>/pdf/", files.newest, name="certificate_newest"),
    path("certificates/<str:code>/pdf/<int:edition>/", files.download, name="certificate_pdf"),
    path("manage/cohorts/<str:code>/certificates/", batches.issue, name="certificates_issue"),
    path("manage/cohorts/<str:code>/certificates/<int:pk>/preview/", batches.preview, name="certificates_preview"),
    path("manage/batches/<int:pk>/", batches.show_batch, name="batch"),
    path("manage/batches/<int:pk>/retry/", batches.retry, name="batch_retry"),
    path("manage/batches/<int:pk>/pause/", batches.pause, name="batch_pause"),
    path("manage/batches/<int:pk>/resume/", batches.resume, name="batch_resume"),
    path("manage/cohorts/<str:code>/archive/", archives.ask, name="archive_ask"),
    path("manage/archives/<int:pk>/", archives.show, name="archive"),
    path("manage/archives/<int:pk>/zip/", archives.download, name="archive_zip"),
    path("manage/certificates/import/", imports.import_old, name="certificates_import"),
    path("manage/designs/", designs.list_designs, name="designs"),
    path("manage/designs/<str:label>/", designs.edit_design, name="design"),
    path("manage/designs/<str:label>/use/", designs.use, name="design_use"),
    path("manage/designs/<str:label>/preview/<str:case>/", designs.preview, name="design_preview"),
    path("manage/signatories/new/", designs.edit_signatory, name="signatory_new"),
    path("manage/signatories/<int:pk>/", designs.edit_signatory, name="signatory"),
    path("manage/signatories/<int:pk>/remove/", designs.remove, name="signatory_remove"),
    path("manage/certificates/problems/<int:pk>/settle/", reports.settle, name="problem_report_settle"),
    path("manage/certificates/<str:code>/", office.show_certificate, name="certificate"),
    path("manage/certificates/<str:code>/revoke/", life.revoke, name="certificate_revoke"),
    path("manage/certificates/<str:code>/replace/", life.replace, name="certificate_replace"),
]
