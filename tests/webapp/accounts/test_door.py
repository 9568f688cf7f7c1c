"""Getting in and out."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.management import CommandError, call_command
from django.utils import timezone

from tests.factories import PASSWORD
from webapp.accounts import services, throttle
from webapp.accounts.models import FailedSignIn, Invitation, Membership, SignInLink, Team, User

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/sign-in/"


def is_in(client) -> bool:
    return "_auth_user_id" in client.session


def sign_in(client, email, password=PASSWORD, headers=None, **more):
    return client.post(SIGN_IN, {"email": email, "password": password, **more}, headers=headers)


def test_a_password_lets_in_and_turns_the_session_key(client, owner):
    session = client.session
    session["planted"] = "by somebody else"
    session.save()
    planted = session.session_key
    answer = sign_in(client, "ALICE@example.org")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.session.session_key != planted
    assert "planted" not in client.session


def test_a_wrong_password_and_an_unknown_address_get_the_same_sentence(client, owner):
    sentences = []
    for email in ("alice@example.org", "nobody@example.org"):
        answer = sign_in(client, email, "wrong")
        sentences.append(answer.context["form"].non_field_errors())
        assert not is_in(client)
    assert sentences[0] == sentences[1]


def test_guessing_is_slowed_down_for_one_account_and_address_only(client, owner, outsider):
    for _ in range(throttle.PER_ACCOUNT_AND_ADDRESS):
        assert sign_in(client, owner.email, "wrong").status_code == 200
    answer = sign_in(client, owner.email)
    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert not is_in(client)
    assert sign_in(client, outsider.email).status_code == 302
    client.logout()
    client.defaults["REMOTE_ADDR"] = "10.1.2.3"
    assert sign_in(client, owner.email).status_code == 302


@pytest.mark.parametrize(("behind_proxy", "status"), [(True, 302), (False, 429)])
def test_only_a_proxy_may_say_where_a_request_comes_from(
    client, owner, settings, behind_proxy, status
):
    settings.BEHIND_PROXY = behind_proxy
    for _ in range(throttle.PER_ACCOUNT_AND_ADDRESS):
        sign_in(client, owner.email, "wrong", headers={"X-Forwarded-For": "made up, 10.0.0.1"})
    client.defaults["HTTP_X_FORWARDED_FOR"] = "10.0.0.1, 10.0.0.2"
    assert sign_in(client, owner.email).status_code == status


def test_throttling_ends_with_its_window(client, owner):
    for _ in range(throttle.PER_ACCOUNT_AND_ADDRESS):
        sign_in(client, owner.email, "wrong")
    FailedSignIn.objects.update(at=timezone.now() - throttle.WINDOW - timedelta(seconds=1))
    assert sign_in(client, owner.email).status_code == 302


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [("/accounts/me/", "/accounts/me/"), ("https://evil.example/", "/"), ("//evil.example/", "/")],
)
def test_the_next_page_is_one_of_ours(client, owner, wanted, reached):
    assert sign_in(client, owner.email, next=wanted)["Location"] == reached


def test_signing_out_is_a_post(client, owner):
    client.force_login(owner)
    assert client.get("/accounts/sign-out/").status_code == 405
    client.post("/accounts/sign-out/")
    assert not is_in(client)


def test_a_link_lets_in_once(client, owner):
    path = services.make_sign_in_link(owner)
    assert client.get(path)["Location"] == "/"
    assert is_in(client)
    client.logout()
    assert client.get(path).status_code == 410
    assert not is_in(client)


def test_a_link_is_kept_as_a_digest_only(owner):
    token = services.make_sign_in_link(owner).split("/")[-2]
    kept = SignInLink.objects.get().token_sha256
    assert token not in kept
    assert len(kept) == 64


def test_looking_ahead_does_not_use_a_link_up(client, owner):
    path = services.make_sign_in_link(owner)
    client.head(path)
    client.get(path, headers={"Sec-Purpose": "prefetch"})
    assert not is_in(client)
    client.get(path)
    assert is_in(client)


def test_a_link_ends(client, owner):
    path = services.make_sign_in_link(owner, minutes=5)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(path).status_code == 410


def test_a_switched_off_account_gets_no_link_in(client, owner):
    path = services.make_sign_in_link(owner)
    User.objects.update(is_active=False)
    assert client.get(path).status_code == 410


def test_a_reset_link_waits_for_the_new_password(client, teammate):
    path = services.make_sign_in_link(teammate, to_reset=True)
    assert client.get(path).status_code == 200
    assert client.post(path, {"password": "short"}).status_code == 200
    assert client.post(path, {"password": "a rather long sentence"}).status_code == 302
    assert is_in(client)
    assert client.post(path, {"password": "another long sentence"}).status_code == 410
    teammate.refresh_from_db()
    assert teammate.check_password("a rather long sentence")


def test_an_empty_installation_says_how_to_begin(client):
    assert "first_account" in client.get(SIGN_IN).content.decode()


def test_the_first_account_is_made_once(capsys):
    for _ in range(2):
        call_command("first_account", "coach@example.org", "--team", "Rovers")
    assert (User.objects.count(), Team.objects.count(), Membership.objects.count()) == (1, 1, 1)
    assert "coach@example.org owns Rovers" in capsys.readouterr().out


def test_the_command_prints_a_link_that_works(client, owner, capsys, settings):
    settings.SITE_URL = "http://localhost:8000"
    call_command("sign_in_link", owner.email)
    address = capsys.readouterr().out.strip()
    assert address.startswith("http://localhost:8000/accounts/link/")
    client.get(address.removeprefix("http://localhost:8000"))
    assert is_in(client)
    with pytest.raises(CommandError, match="no account"):
        call_command("sign_in_link", "nobody@example.org")


@pytest.fixture
def invitation(owner, team):
    return services.invite(team=team, email="New@Example.org", role="analyst", by=owner)[1]


def join(client, path, password="a rather long sentence"):
    return client.post(path, {"display_name": "Nia", "password": password})


def test_an_invited_person_registers_once(client, invitation, team):
    assert client.get(invitation).status_code == 200
    assert join(client, invitation)["Location"] == "/"
    place = Membership.objects.get(user__email="new@example.org")
    assert (place.team, place.role) == (team, "analyst")
    client.logout()
    assert join(client, invitation).status_code == 410
    assert User.objects.filter(email="new@example.org").count() == 1


def test_a_weak_password_does_not_use_the_invitation_up(client, invitation):
    assert "too short" in join(client, invitation, "short").content.decode()
    assert join(client, invitation).status_code == 302


def test_withdrawn_and_expired_invitations_are_over(client, invitation, owner, team):
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(invitation).status_code == 410
    path = services.invite(team=team, email="other@example.org", role="viewer", by=owner)[1]
    made = Invitation.objects.get(email="other@example.org")
    client.force_login(owner)
    client.post(f"/accounts/teams/{team.pk}/invitations/{made.pk}/revoke/")
    client.logout()
    assert client.get(path).status_code == 410


def test_a_second_invitation_of_an_address_ends_the_first(client, invitation, owner, team):
    services.invite(team=team, email="new@example.org", role="viewer", by=owner)
    assert client.get(invitation).status_code == 410


def test_somebody_with_an_account_signs_in_and_accepts(client, outsider, owner, team):
    path = services.invite(team=team, email=outsider.email, role="coach", by=owner)[1]
    assert client.get(path)["Location"] == f"{SIGN_IN}?next={path}"
    client.force_login(outsider)
    assert client.post(path).status_code == 302
    assert set(outsider.memberships.values_list("role", flat=True)) == {"owner", "coach"}


def test_an_invitation_is_for_its_address_only(client, invitation, outsider):
    client.force_login(outsider)
    answer = client.post(invitation)
    assert answer.status_code == 409
    assert "new@example.org" in str(next(iter(get_messages(answer.wsgi_request))))
    assert outsider.memberships.count() == 1


def test_an_invitation_does_not_change_a_members_role(owner, team):
    token = services.invite(team=team, email="x@example.org", role="viewer", by=owner)[1]
    late = User.objects.create_user("x@example.org")
    Membership.objects.create(team=team, user=late, role="coach")
    services.accept_invitation(token.split("/")[-2], late)
    assert late.memberships.get().role == "coach"
