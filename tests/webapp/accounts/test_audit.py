"""The audit log: what is written, who reads it, and that names stay."""

import pytest
from django.urls import reverse

from tests.factories import PASSWORD, make_match
from tests.webapp.analytics.rooms import make_room
from webapp.accounts.models import AuditEntry

pytestmark = pytest.mark.django_db


def lines(**fields) -> list[tuple[str, str]]:
    return [(e.act, e.words) for e in AuditEntry.objects.filter(**fields).order_by("id")]


def test_deeds_leave_lines(client, owner, team, teammate):
    match = make_room(team, title="Derby")
    client.post(reverse("accounts:sign_in"), {"email": owner.email, "password": PASSWORD})
    client.get(reverse("exports:download", args=[match.pk, "events_csv"]))
    place = teammate.memberships.get()
    client.post(reverse("accounts:role", args=[team.pk, place.pk]), {"role": "coach"})
    client.post(
        reverse("accounts:invite", args=[team.pk]), {"email": "n@example.org", "role": "viewer"}
    )
    client.post(reverse("accounts:remove", args=[team.pk, place.pk]))
    client.post(reverse("matches:delete", args=[match.pk]))
    client.post(reverse("api:tokens"), {"name": "script", "scopes": ["read"]})
    acts = lines(user=owner)
    assert [act for act, _ in acts] == [
        "sign_in",
        "export",
        "role",
        "invite",
        "remove",
        "delete",
        "token",
    ]
    assert acts[1][1].startswith("Derby_events_csv_") and acts[2][1] == "bob@example.org to coach"
    assert acts[5][1] == "Derby" and len(AuditEntry.objects.first().origin) == 8


def test_what_was_refused_leaves_none(client, teammate, team):
    match = make_match(team)
    client.force_login(teammate)
    client.post(reverse("matches:delete", args=[match.pk]))
    client.get(reverse("exports:download", args=[match.pk, "events_csv"]))
    assert lines() == []


def test_an_owner_reads_the_log_of_the_own_team(client, owner, outsider, team):
    AuditEntry.objects.create(
        act="delete", team=team, user=owner, user_name=owner.email, words="<b>Derby</b>"
    )
    client.force_login(owner)
    text = client.get(reverse("accounts:log", args=[team.pk])).content.decode()
    assert "alice@example.org" in text and "deleted &lt;b&gt;Derby" in text
    client.force_login(outsider)
    assert client.get(reverse("accounts:log", args=[team.pk])).status_code == 404


def test_names_stay_when_people_go(owner, team):
    AuditEntry.objects.create(act="delete", team=team, user=owner, user_name=owner.email)
    owner.delete()
    assert AuditEntry.objects.get().user_name == "alice@example.org"
