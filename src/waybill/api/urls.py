"""The addresses of the API, to be included by a host: `path("api/v1/", include(...))`."""

from django.urls import path

from waybill.api.app import api

__all__ = ["urlpatterns"]

urlpatterns = [path("", api.urls)]
