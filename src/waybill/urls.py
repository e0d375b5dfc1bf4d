"""The addresses of the staff pages, for a host to include: `path("exports/", include(...))`."""

from django.urls import path

from waybill.staff import look_back, prove, start, watch

__all__ = ["app_name", "urlpatterns"]

app_name = "waybill"

urlpatterns = [
    path("", look_back.history, name="history"),
    path("verify", prove.prove, name="verify"),
    path("badge", look_back.badge, name="badge"),
    path("new/<slug:resource>/", start.dialog, name="dialog"),
    path("new/<slug:resource>/estimate", start.estimate, name="estimate"),
    path("new/<slug:resource>/start", start.start, name="start"),
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
