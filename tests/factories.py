"""Ready-made rows for tests."""

from webapp.accounts.models import Membership, Team, User
from webapp.matches.models import Match, Video, VideoState

PASSWORD = "correct horse battery"


def make_member(email: str, role: str, team: Team | None = None, team_name: str = "Rovers") -> User:
    """A user with a place in a team (a new one unless given)."""
    user = User.objects.create_user(email, PASSWORD)
    Membership.objects.create(
        user=user, team=team or Team.objects.create(name=team_name), role=role
    )
    return user


def make_match(team: Team, **fields) -> Match:
    """A match of a team."""
    return Match.objects.create(team=team, title=fields.pop("title", "Rovers v United"), **fields)


def make_video(match: Match, **fields) -> Video:
    """A ready video row; its file is not made."""
    defaults = {
        "original_name": "match.mp4",
        "size_bytes": 1000,
        "state": VideoState.READY,
        "duration_ms": 90_000,
        "width_px": 1280,
        "height_px": 720,
        "fps": 25.0,
    }
    return Video.objects.create(match=match, **{**defaults, **fields})
