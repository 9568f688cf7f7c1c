"""Addresses of the corrections of a match."""

from django.urls import path

from webapp.annotation import repair_views, views

app_name = "annotation"
urlpatterns = [
    path("matches/<int:pk>/corrections", views.correct, name="correct"),
    path("matches/<int:pk>/review", views.standing, name="standing"),
    path("matches/<int:pk>/events/<int:event>/evidence", views.evidence, name="evidence"),
    path("matches/<int:pk>/camera-repairs", repair_views.repairs, name="repairs"),
    path(
        "matches/<int:pk>/camera-repairs/<int:repair>/undo", repair_views.undo, name="undo_repair"
    ),
]
