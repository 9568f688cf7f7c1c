"""Addresses below ``/accounts/``."""

from django.urls import path

from webapp.accounts.views import door, people, start

app_name = "accounts"
urlpatterns = [
    path("sign-in/", door.sign_in, name="sign_in"),
    path("sign-out/", door.sign_out, name="sign_out"),
    path("link/<str:token>/", door.link, name="link"),
    path("reset/<str:token>/", door.reset, name="reset"),
    path("invitation/<str:token>/", door.invitation, name="invitation"),
    path("start/", start.start, name="start"),
    path("me/", people.profile, name="profile"),
    path("me/password/", people.password, name="password"),
    path("teams/new/", people.new_team, name="new_team"),
    path("teams/<int:team_id>/", people.team, name="team"),
    path("teams/<int:team_id>/switch/", people.switch, name="switch"),
    path("teams/<int:team_id>/log/", people.log, name="log"),
    path("teams/<int:team_id>/invite/", people.invite, name="invite"),
    path(
        "teams/<int:team_id>/invitations/<int:invitation_id>/revoke/", people.revoke, name="revoke"
    ),
    path("teams/<int:team_id>/members/<int:place_id>/role/", people.role, name="role"),
    path("teams/<int:team_id>/members/<int:place_id>/remove/", people.remove, name="remove"),
    path("teams/<int:team_id>/members/<int:place_id>/link/", people.reset_link, name="reset_link"),
]
