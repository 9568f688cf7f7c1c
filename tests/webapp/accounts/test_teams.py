"""People and their teams."""

import pytest

from tests.factories import PASSWORD, make_member
from webapp.accounts import services
from webapp.accounts.models import Membership, Role, Team
from webapp.accounts.permissions import Deed, can, deeds_of
from webapp.accounts.services import Refused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "deeds"),
    [
        ("viewer", {"watch"}),
        ("analyst", {"watch", "correct", "clip", "export"}),
        (
            "coach",
            {
                "watch",
                "correct",
                "clip",
                "export",
                "analyse",
                "edit_match",
                "upload",
                "share",
                "delete",
            },
        ),
        ("owner", {deed.name.lower() for deed in Deed}),
    ],
)
def test_what_each_role_may_do(role, deeds):
    user = make_member(f"{role}@example.org", role)
    assert deeds_of(user, user.memberships.get().team) == deeds


def test_an_outsider_may_do_nothing(team, outsider):
    assert deeds_of(outsider, team) == set()
    assert not can(outsider, Deed.WATCH, team)


def test_the_last_owner_stays(owner, team, teammate):
    place = owner.memberships.get()
    with pytest.raises(Refused, match="at least one owner"):
        services.end_membership(place)
    with pytest.raises(Refused):
        services.change_role(place, Role.COACH)
    services.change_role(teammate.memberships.get(), Role.OWNER)
    services.end_membership(place)
    assert [each.user for each in team.memberships.all()] == [teammate]


def test_the_page_says_why_the_last_owner_cannot_leave(client, owner, team):
    client.force_login(owner)
    path = f"/accounts/teams/{team.pk}/members/{owner.memberships.get().pk}/remove/"
    assert "at least one owner" in client.post(path, follow=True).content.decode()


def test_a_member_may_leave_but_not_remove_others(client, owner, team, teammate):
    client.force_login(teammate)
    base = f"/accounts/teams/{team.pk}/members"
    assert client.post(f"{base}/{owner.memberships.get().pk}/remove/").status_code == 403
    assert client.post(f"{base}/{teammate.memberships.get().pk}/remove/").status_code == 302
    assert not teammate.memberships.exists()


def test_a_removed_member_sees_nothing_at_once(client, owner, team, teammate):
    client.force_login(teammate)
    assert client.get(f"/accounts/teams/{team.pk}/").status_code == 200
    services.end_membership(teammate.memberships.get())
    assert client.get(f"/accounts/teams/{team.pk}/").status_code == 404


def test_a_place_of_another_team_cannot_be_changed_through_ones_own(client, owner, team, outsider):
    client.force_login(owner)
    place = outsider.memberships.get()
    for deed in ("role", "remove", "link"):
        path = f"/accounts/teams/{team.pk}/members/{place.pk}/{deed}/"
        assert client.post(path, {"role": "viewer"}).status_code == 404
    place.refresh_from_db()
    assert place.role == "owner"


def test_the_invitation_link_is_shown_once(client, owner, team):
    client.force_login(owner)
    base = f"/accounts/teams/{team.pk}/"
    answer = client.post(f"{base}invite/", {"email": "n@example.org", "role": "coach"})
    assert answer.context["fresh_link"].startswith("http://testserver/accounts/invitation/")
    assert "/invitation/" not in client.get(base).content.decode().replace("/invitations/", "")


def test_a_member_is_not_invited_again(client, owner, team, teammate):
    client.force_login(owner)
    path = f"/accounts/teams/{team.pk}/invite/"
    answer = client.post(path, {"email": teammate.email.upper(), "role": "coach"})
    assert "is a member" in answer.content.decode()


def test_an_owner_makes_a_reset_link_for_a_member(client, owner, team, teammate):
    client.force_login(owner)
    path = f"/accounts/teams/{team.pk}/members/{teammate.memberships.get().pk}/link/"
    link = client.post(path).context["fresh_link"]
    client.logout()
    assert client.get(link.removeprefix("http://testserver")).status_code == 200


def test_no_reset_link_for_somebody_who_is_in_a_team_of_others(client, owner, team, outsider):
    place = Membership.objects.create(team=team, user=outsider, role="viewer")
    client.force_login(owner)
    answer = client.post(f"/accounts/teams/{team.pk}/members/{place.pk}/link/", follow=True)
    assert "that you do not own" in answer.content.decode()
    assert not outsider.sign_in_links.exists()


def test_switching_teams_is_remembered_and_ends_with_the_membership(client, owner):
    other = services.create_team("Athletic", owner)
    client.force_login(owner)
    client.post(f"/accounts/teams/{other.pk}/switch/")
    assert client.get("/").context["team"] == other
    Membership.objects.filter(team=other).delete()
    assert client.get("/").context["team"].name == "Rovers"


def test_who_creates_a_team_owns_it(client, teammate):
    client.force_login(teammate)
    client.post("/accounts/teams/new/", {"name": "Second XI"})
    made = Team.objects.get(name="Second XI")
    assert made.memberships.get().role == "owner"


def test_only_owners_rename(client, team, owner, teammate):
    for user, status, name in ((teammate, 403, "Rovers"), (owner, 302, "New name")):
        client.force_login(user)
        path = f"/accounts/teams/{team.pk}/"
        assert client.post(path, {"name": "New name"}).status_code == status
        team.refresh_from_db()
        assert team.name == name


def test_changing_the_password_keeps_this_session_and_ends_others(client, owner):
    from django.test import Client

    elsewhere = Client()
    elsewhere.force_login(owner)
    client.force_login(owner)
    words = {"old_password": PASSWORD, "password": "a rather long sentence"}
    assert client.post("/accounts/me/password/", words).status_code == 302
    assert client.get("/accounts/me/").status_code == 200
    assert elsewhere.get("/accounts/me/").status_code == 302


def test_the_old_password_is_asked_for(client, owner):
    client.force_login(owner)
    words = {"old_password": "wrong", "password": "a rather long sentence"}
    assert "not your current" in client.post("/accounts/me/password/", words).content.decode()


def test_somebody_without_a_team_is_told_what_to_do(client, owner):
    Membership.objects.all().delete()
    client.force_login(owner)
    assert "Create a team" in client.get("/").content.decode()
    assert client.get("/matches/new/").status_code == 302
