"""Addresses of the match room, its data, the boards and the methods page."""

from django.urls import path

from webapp.analytics import views

app_name = "analytics"
urlpatterns = [
    path("matches/<int:pk>/", views.room, name="room"),
    path("matches/<int:pk>/positions", views.positions, name="positions"),
    path("matches/<int:pk>/progress", views.progress, name="progress"),
    path("matches/<int:pk>/analyse", views.analyse, name="analyse"),
    path("matches/<int:pk>/cancel", views.cancel, name="cancel"),
    path("boards/matches/<int:pk>/", views.room, name="board"),
    path("methods/", views.methods, name="methods"),
]
