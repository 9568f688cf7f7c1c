"""Addresses of downloads."""

from django.urls import path

from webapp.exports import views

app_name = "exports"
urlpatterns = [
    path("matches/<int:pk>/download/", views.choose, name="choose"),
    path("matches/<int:pk>/import/", views.bring, name="bring"),
    path("matches/<int:pk>/download/<slug:format_name>/", views.download, name="download"),
]
