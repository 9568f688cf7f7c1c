"""Addresses below ``/media/``."""

from django.urls import path

from webapp.matches import media_views

app_name = "media"
urlpatterns = [
    path("<uuid:video_uuid>/play.mp4", media_views.play, name="play"),
    path("<uuid:video_uuid>/poster.jpg", media_views.poster, name="poster"),
    path("<uuid:video_uuid>/frames.bin", media_views.frames, name="frames"),
    path("<uuid:video_uuid>/sheets/<int:number>.jpg", media_views.sheet, name="sheet"),
    path("<uuid:video_uuid>/stream/<str:name>", media_views.stream, name="stream"),
    path("<uuid:video_uuid>/source", media_views.source, name="source"),
]
