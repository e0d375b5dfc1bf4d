"""The addresses of Desk."""

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from desk import health
from waybill.api import problems
from waybill.staff import scrape

__all__ = ["urlpatterns"]

urlpatterns = [
    path("", RedirectView.as_view(url="/staff/")),
    path("staff/", include("desk.staff.urls")),
    path("staff/", include("desk.people.urls")),
    path("staff/tickets/", include("desk.tickets.urls")),
    path("staff/assets/", include("desk.assets.urls")),
    path("staff/views/", include("desk.views.urls")),
    path("staff/mails/", include("desk.mail.urls")),
    path("staff/exports/", include("waybill.urls")),
    path("api/v1/", include("waybill.api.urls")),
    re_path("^api/v1/", problems.nothing),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", scrape.metrics, name="metrics"),
]

handler400 = "desk.staff.views.bad_request"
handler403 = "desk.staff.views.not_allowed"
handler404 = "desk.staff.views.not_found"
handler500 = "desk.staff.views.out_of_order"
