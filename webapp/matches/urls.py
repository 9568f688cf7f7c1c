"""Addresses of the list and of setting up a match; the room itself is ``analytics:room``."""

from django.urls import path

from webapp.matches import views

app_name = "matches"
urlpatterns = [
    path("", views.match_list, name="list"),
    path("matches/new/", views.new, name="new"),
    path("matches/<int:match_id>/edit/", views.edit, name="edit"),
    path("matches/<int:match_id>/swap/", views.swap, name="swap"),
    path("matches/<int:match_id>/upload/", views.upload_page, name="upload"),
    path("matches/<int:match_id>/slots/<int:half>/", views.slot, name="slot"),
    path("matches/<int:match_id>/delete/", views.delete, name="delete"),
    path("matches/<int:match_id>/card/", views.card, name="card"),
    path(
        "matches/<int:match_id>/videos/<uuid:video_uuid>/remove/",
        views.remove_video,
        name="remove_video",
    ),
]
