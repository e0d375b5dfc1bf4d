"""The addresses of Desk."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from desk import health

__all__ = ["urlpatterns"]

urlpatterns = [
    path("", RedirectView.as_view(url="/staff/")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
