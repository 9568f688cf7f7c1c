"""Addresses of the match room, its data, the boards and the methods page."""

from django.urls import path, re_path

from webapp.analytics import board_views, setup_views, status, views

app_name = "analytics"
urlpatterns = [
    path("matches/<int:pk>/", views.room, name="room"),
    path("matches/<int:pk>/setup/", setup_views.setup, name="setup"),
    path("matches/<int:pk>/setup/switch/", setup_views.switch_sides, name="switch_sides"),
    path("matches/<int:pk>/positions", views.positions, name="positions"),
    path("matches/<int:pk>/progress", views.progress, name="progress"),
    path("matches/<int:pk>/analyse", views.analyse, name="analyse"),
    path("matches/<int:pk>/cancel", views.cancel, name="cancel"),
    path("boards/matches/<int:pk>/", board_views.page, name="board"),
    path("boards/matches/<int:pk>/<slug:name>.csv", board_views.csv_file, name="board_csv"),
    path("boards/season/<int:pk>/", board_views.season_page, name="season"),
    path("boards/season/<int:pk>/<slug:name>.csv", board_views.season_csv, name="season_csv"),
    re_path(
        r"^boards/season/(?P<rest>_(?:dash|reload|favicon).*)$",
        board_views.season_inner,
        name="season_inner",
    ),
    re_path(
        r"^boards/(?P<rest>_(?:dash|reload|favicon).*)$", board_views.inner, name="board_inner"
    ),
    path("help/", views.help_page, name="help"),
    path("methods/", views.methods, name="methods"),
    path("status/", status.page, name="status"),
]
