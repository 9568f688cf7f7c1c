"""Addresses of the corrections of a match."""

from django.urls import path

from webapp.annotation import views

app_name = "annotation"
urlpatterns = [
    path("matches/<int:pk>/corrections", views.correct, name="correct"),
    path("matches/<int:pk>/review", views.standing, name="standing"),
    path("matches/<int:pk>/events/<int:event>/evidence", views.evidence, name="evidence"),
]
