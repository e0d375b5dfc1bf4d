from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("exports/", include("waybill.urls")),
    path("api/v1/", include("waybill.api.urls")),
]
