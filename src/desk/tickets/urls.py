"""The addresses of tickets."""

from django.urls import path

from desk.tickets import listing, views

__all__ = ["app_name", "urlpatterns"]

app_name = "tickets"

urlpatterns = [
    path("", listing.listing, name="list"),
    path("new", views.create, name="new"),
    path("deleted/", listing.deleted, name="deleted"),
    path("bulk", listing.bulk, name="bulk"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/edit", views.edit, name="edit"),
    path("<int:pk>/fields", views.fields, name="fields"),
    path("<int:pk>/comment", views.comment, name="comment"),
    path("<int:pk>/assign-to-me", views.assign_to_me, name="assign_to_me"),
    path("<int:pk>/close", views.close, name="close"),
    path("<int:pk>/reopen", views.reopen, name="reopen"),
    path("<int:pk>/delete", views.delete, name="delete"),
    path("<int:pk>/restore", views.restore, name="restore"),
    path("<int:pk>/tag", views.tag, name="tag"),
    path("<int:pk>/link", views.link, name="link"),
    path("<int:pk>/unlink/<int:asset_pk>", views.unlink, name="unlink"),
    path("<int:pk>/untag/<int:tag_pk>", views.untag, name="untag"),
]
