"""The addresses of the staff pages, for a host to include: `path("exports/", include(...))`."""

from django.urls import path

from waybill.staff import audit, dialog, keep, look_back, operate, prove, start, watch

__all__ = ["app_name", "urlpatterns"]

app_name = "waybill"

urlpatterns = [
    path("", look_back.history, name="history"),
    path("verify", prove.prove, name="verify"),
    path("operations/", operate.operations, name="operations"),
    path("operations/now", operate.now, name="operations_now"),
    path("operations/figures", operate.figures, name="operations_figures"),
    path("operations/notice", operate.notice_again, name="notice_again"),
    path("audit/", audit.audit, name="audit"),
    path("badge", look_back.badge, name="badge"),
    path("new/<slug:resource>/", dialog.dialog, name="dialog"),
    path("new/<slug:resource>/estimate", start.estimate, name="estimate"),
    path("new/<slug:resource>/start", start.start, name="start"),
    path("new/<slug:resource>/preset", keep.keep, name="keep_preset"),
    path("new/<slug:resource>/preset/delete", keep.drop, name="drop_preset"),
    path("<str:name>/", watch.status, name="status"),
    path("<str:name>/panel", watch.panel, name="panel"),
    path("<str:name>/cancel", watch.cancel, name="cancel"),
    path("<str:name>/retry", watch.retry, name="retry"),
    path("<str:name>/again", watch.again, name="again"),
    path("<str:name>/delete", watch.delete, name="delete"),
    path("<str:name>/download", watch.download, name="download"),
    path("<str:name>/receipt", watch.receipt, name="receipt"),
    path("<str:name>/log", watch.log, name="log"),
]
