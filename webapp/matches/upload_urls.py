"""Addresses below ``/uploads/``: tus."""

from django.urls import path

from webapp.matches import upload_views

app_name = "uploads"
urlpatterns = [
    path("", upload_views.create, name="create"),
    path("<uuid:upload_uuid>/", upload_views.one, name="one"),
]
