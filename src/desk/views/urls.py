"""The addresses of saved views."""

from django.urls import path

from desk.views import views

__all__ = ["app_name", "urlpatterns"]

app_name = "views"

urlpatterns = [
    path("<slug:subject>/save", views.save, name="save"),
    path("<slug:subject>/counts", views.count, name="counts"),
    path("<int:pk>/", views.edit, name="edit"),
    path("<int:pk>/update", views.update, name="update"),
    path("<int:pk>/delete", views.delete, name="delete"),
]
