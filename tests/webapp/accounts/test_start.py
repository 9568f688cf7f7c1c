"""First steps: an owner without a password says who they are; nobody else gets there."""

import pytest

from webapp.accounts import services
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
ASKED = {
    "display_name": "Ana Ruiz", "email": "ana@club.org", "password": "a long grassy field",
    "team_name": "Rovers U17", "pitch_length_m": "100", "pitch_width_m": "64",
}  # fmt: skip


@pytest.fixture
def fresh(client):
    user, team = services.first_account("coach@example.org", "My team")
    client.get(services.make_sign_in_link(user))
    return user, team


def test_one_page_sets_up_account_team_and_pitch(client, fresh):
    user, team = fresh
    assert "/accounts/start/" in client.get("/").content.decode()
    assert client.post("/accounts/start/", ASKED)["Location"] == "/"
    user.refresh_from_db(), team.refresh_from_db()
    assert (user.display_name, user.email, team.name) == ("Ana Ruiz", "ana@club.org", "Rovers U17")
    assert "/accounts/start/" not in client.get("/").content.decode()
    form = client.get("/matches/new/").content.decode()
    assert 'value="100.0"' in form and 'value="64.0"' in form
    client.post("/accounts/sign-out/")
    signed = {"email": "ana@club.org", "password": "a long grassy field"}
    assert client.post("/accounts/sign-in/", signed)["Location"] == "/"
    assert client.get("/accounts/start/").status_code == 302


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("pitch_length_m", "300", "less than or equal to 120"),
        ("pitch_width_m", "nan", "Enter a number"),
        ("password", "short", "too short"),
        ("email", "taken@club.org", "Somebody else"),
        ("team_name", "", "required"),
    ],
)
def test_what_cannot_be_is_told_beside_its_field(client, fresh, field, value, words):
    User.objects.create_user("taken@club.org")
    page = client.post("/accounts/start/", {**ASKED, field: value})
    assert page.status_code == 200 and words in str(page.context["form"].errors[field])
    fresh[0].refresh_from_db()
    assert not fresh[0].has_usable_password()


def test_a_square_pitch_is_refused(client, fresh):
    page = client.post("/accounts/start/", {**ASKED, "pitch_length_m": "90", "pitch_width_m": "90"})
    assert "longer than it is wide" in str(page.context["form"].errors["pitch_width_m"])
