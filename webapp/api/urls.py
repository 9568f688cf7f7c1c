"""Addresses of the API, its description, and the tokens of a person."""

from django.urls import path

from webapp.api import views
from webapp.api.v1 import events, matches, playlists, setup, tags, teams, tuning

app_name = "api"
urlpatterns = [
    path("accounts/tokens/", views.tokens, name="tokens"),
    path("accounts/tokens/<int:pk>/revoke/", views.revoke, name="revoke_token"),
    path("api/v1/", views.docs, name="docs"),
    path("api/v1/openapi.json", views.Schema.as_view(), name="schema"),
    path("api/v1/me", matches.Me.as_view(), name="me"),
    path("api/v1/teams", teams.Teams.as_view(), name="teams"),
    path("api/v1/teams/<int:pk>", teams.OneTeam.as_view(), name="team"),
    path("api/v1/teams/<int:pk>/members", matches.Members.as_view(), name="members"),
    path("api/v1/teams/<int:pk>/members/<int:place>", teams.OneMember.as_view(), name="member"),
    path("api/v1/teams/<int:pk>/invitations", teams.Invitations.as_view(), name="invitations"),
    path("api/v1/teams/<int:pk>/tag-buttons", tags.TagButtons.as_view(), name="tag_buttons"),
    path(
        "api/v1/teams/<int:pk>/tag-buttons/<int:button>",
        tags.OneTagButton.as_view(),
        name="tag_button",
    ),
    path("api/v1/teams/<int:pk>/layer", teams.Layer.as_view(), name="layer"),
    path("api/v1/teams/<int:pk>/layer/learn", teams.LearnLayer.as_view(), name="learn_layer"),
    path("api/v1/teams/<int:pk>/layer/use", teams.UseLayer.as_view(), name="use_layer"),
    path("api/v1/teams/<int:pk>/tuning", tuning.Tuning.as_view(), name="tuning"),
    path(
        "api/v1/teams/<int:pk>/tuning/cancel", tuning.CancelTuning.as_view(), name="cancel_tuning"
    ),
    path("api/v1/teams/<int:pk>/tuning/use", tuning.UseWeights.as_view(), name="use_weights"),
    path("api/v1/playlists", playlists.Playlists.as_view(), name="playlists"),
    path("api/v1/playlists/<int:pk>", playlists.OnePlaylist.as_view(), name="playlist"),
    path("api/v1/playlists/<int:pk>/clips", playlists.Clips.as_view(), name="clips"),
    path("api/v1/playlists/<int:pk>/clips/<int:clip>", playlists.OneClip.as_view(), name="clip"),
    path("api/v1/playlists/<int:pk>/films", playlists.Films.as_view(), name="films"),
    path(
        "api/v1/playlists/<int:pk>/films/<uuid:film>/cancel",
        playlists.CancelFilm.as_view(),
        name="cancel_film",
    ),
    path(
        "api/v1/playlists/<int:pk>/films/<uuid:film>/file",
        playlists.FilmFile.as_view(),
        name="film_file",
    ),
    path(
        "api/v1/playlists/<int:pk>/films/<uuid:film>/links",
        playlists.FilmLinks.as_view(),
        name="film_links",
    ),
    path("api/v1/matches", matches.Matches.as_view(), name="matches"),
    path("api/v1/matches/<int:pk>", matches.OneMatch.as_view(), name="match"),
    path("api/v1/matches/<int:pk>/videos", matches.Videos.as_view(), name="videos"),
    path("api/v1/matches/<int:pk>/periods", setup.Periods.as_view(), name="periods"),
    path("api/v1/matches/<int:pk>/switch-sides", setup.SwitchSides.as_view(), name="switch_sides"),
    path("api/v1/matches/<int:pk>/lineups", setup.Lineups.as_view(), name="lineups"),
    path(
        "api/v1/matches/<int:pk>/camera-repairs",
        setup.CameraRepairs.as_view(),
        name="camera_repairs",
    ),
    path(
        "api/v1/matches/<int:pk>/camera-repairs/<int:repair>/undo",
        setup.UndoRepair.as_view(),
        name="undo_repair",
    ),
    path("api/v1/matches/<int:pk>/analyses", matches.Runs.as_view(), name="runs"),
    path("api/v1/matches/<int:pk>/analyses/cancel", matches.CancelRun.as_view(), name="cancel_run"),
    path("api/v1/matches/<int:pk>/progress", matches.Progress.as_view(), name="progress"),
    path("api/v1/matches/<int:pk>/events", events.Events.as_view(), name="events"),
    path("api/v1/matches/<int:pk>/events/<int:event>", events.OneEvent.as_view(), name="event"),
    path(
        "api/v1/matches/<int:pk>/events/<int:event>/corrections",
        events.Corrections.as_view(),
        name="corrections",
    ),
    path("api/v1/matches/<int:pk>/undo", events.Reversal.as_view(), {"what": "undo"}, name="undo"),
    path("api/v1/matches/<int:pk>/redo", events.Reversal.as_view(), {"what": "redo"}, name="redo"),
    path("api/v1/matches/<int:pk>/positions", events.Positions.as_view(), name="positions"),
    path("api/v1/matches/<int:pk>/imports", events.Import.as_view(), name="import"),
    path("api/v1/matches/<int:pk>/exports/<slug:name>", events.Export.as_view(), name="export"),
    path("api/v1/formats", events.Formats.as_view(), name="formats"),
]
