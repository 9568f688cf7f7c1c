"""Addresses of playlists, their films, and the links that people without an account open."""

from django.urls import path

from webapp.playlists import film_views, views

app_name = "playlists"
urlpatterns = [
    path("playlists/", views.index, name="index"),
    path("playlists/<int:pk>/", views.detail, name="detail"),
    path("playlists/<int:pk>/delete/", views.delete, name="delete"),
    path("playlists/<int:pk>/clips/<int:clip>/", views.clip, name="clip"),
    path("playlists/<int:pk>/clips/<int:clip>/stills", views.stills, name="stills"),
    path("matches/<int:pk>/clips", views.clips, name="clips"),
    path("playlists/<int:pk>/films/", film_views.make, name="make"),
    path("playlists/<int:pk>/films/state", film_views.state, name="state"),
    path("playlists/<int:pk>/films/<uuid:film>/cancel", film_views.cancel, name="cancel"),
    path("playlists/<int:pk>/films/<uuid:film>.mp4", film_views.film, name="film"),
    path("playlists/<int:pk>/films/<uuid:film>/share", film_views.share, name="share"),
    path("playlists/<int:pk>/links/<int:link>/revoke", film_views.revoke, name="revoke"),
    path("shared/<str:token>/", film_views.shared, name="shared"),
    path("shared/<str:token>/film.mp4", film_views.shared_film, name="shared_film"),
]
