"""One row for every use of every address: what owner, viewer, outsider and nobody are answered."""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

from tests.webapp.matches import tus

DOOR = 302  # to the sign-in page; checked to lead there for nobody


@dataclass(frozen=True)
class Row:
    """One way to use an address, and what each of the four is answered.

    Attributes:
        answers: status for owner, viewer, outsider and nobody, in this order.
        args: the address's arguments, made from the world.
        method: HTTP method.
        sent: form fields, or how they are made from the world.
        headers: HTTP headers, made from the world.
        query: what stands behind the question mark.
    """

    answers: tuple[int, int, int, int]
    args: Callable[[SimpleNamespace], list] = lambda world: []
    method: str = "GET"
    sent: dict | Callable[[SimpleNamespace], dict] = field(default_factory=dict)
    headers: Callable[[SimpleNamespace], dict] = lambda world: {}
    query: Callable[[SimpleNamespace], dict] = lambda world: {}


def of_match(*answers, method="GET", **more):
    return Row(answers, lambda world: [world.match.pk], method, **more)


def of_team(*answers, method="GET", **more):
    return Row(answers, lambda world: [world.team.pk], method, **more)


def of_event(*answers, method="GET", **more):
    return Row(answers, lambda world: [world.match.pk, world.action.pk], method, **more)


def of_button(*answers, method, **more):
    return Row(answers, lambda world: [world.team.pk, world.button.pk], method, **more)


def of_place(*answers, **more):
    return Row(answers, lambda world: [world.team.pk, world.place.pk], "POST", **more)


def of_video(*answers, **more):
    return Row(answers, lambda world: [world.video.uuid], **more)


def of_playlist(*answers, method="GET", **more):
    return Row(answers, lambda world: [world.playlist.pk], method, **more)


def of_clip(*answers, **more):
    return Row(answers, lambda world: [world.playlist.pk, world.clip.pk], "POST", **more)


def of_film(*answers, method="GET", **more):
    return Row(answers, lambda world: [world.playlist.pk, world.reel.uuid], method, **more)


def of_upload(*answers, method, headers=None):
    told = {"Tus-Resumable": "1.0.0", **(headers or {})}
    return Row(answers, lambda world: [world.upload.uuid], method, headers=lambda world: told)


def creation(world):
    told = tus.metadata(match=world.match.pk, half=2, filename="a.mp4")
    return {"Tus-Resumable": "1.0.0", "Upload-Length": "10", "Upload-Metadata": told}


def new_match(world):
    return {"team": world.team.pk, "home_name": "A", "away_name": "B"}


def window(world):
    return {"video": world.video.pk, "from": 0, "to": 1000}


ROWS: dict[str, list[Row]] = {
    "healthz": [Row((200, 200, 200, 200))],
    # Closed to everybody without the scraper's own token; tests/webapp/analytics/test_metrics.py has it.
    "metrics": [Row((404, 404, 404, 404))],
    "readyz": [Row((200, 200, 200, 200))],
    "accounts:sign_in": [Row((302, 302, 302, 200)), Row((302, 302, 302, 200), method="POST")],
    "accounts:sign_out": [Row((302, 302, 302, 302), method="POST"), Row((405, 405, 405, 405))],
    "accounts:link": [Row((410, 410, 410, 410), lambda world: ["nonsense"])],
    "accounts:reset": [Row((410, 410, 410, 410), lambda world: ["nonsense"])],
    "accounts:invitation": [
        Row((410, 410, 410, 410), lambda world: ["nonsense"]),
        # The link is the key: who holds it may read whom it is for; taking it needs that address.
        Row((200, 200, 200, 200), lambda world: [world.token]),
        Row((409, 409, 409, 200), lambda world: [world.token], "POST"),
    ],
    # Whoever has a password is sent on.
    "accounts:start": [Row((302, 302, 302, DOOR)), Row((302, 302, 302, DOOR), method="POST")],
    "accounts:profile": [Row((200, 200, 200, DOOR))],
    "accounts:password": [Row((200, 200, 200, DOOR))],
    "accounts:new_team": [Row((200, 200, 200, DOOR))],
    "accounts:team": [
        of_team(200, 200, 404, DOOR),
        of_team(302, 403, 404, DOOR, method="POST", sent={"name": "New"}),
    ],
    "accounts:switch": [of_team(302, 302, 404, DOOR, method="POST")],
    "accounts:log": [of_team(200, 403, 404, DOOR)],
    "accounts:invite": [
        of_team(
            200, 403, 404, DOOR, method="POST", sent={"email": "n@example.org", "role": "coach"}
        )
    ],
    "accounts:revoke": [
        Row((302, 403, 404, DOOR), lambda world: [world.team.pk, world.invitation.pk], "POST")
    ],
    "accounts:role": [of_place(302, 403, 404, DOOR, sent={"role": "coach"})],
    # A viewer may remove this place since it is their own: leaving.
    "accounts:remove": [of_place(302, 302, 404, DOOR)],
    "accounts:reset_link": [of_place(200, 403, 404, DOOR)],
    "matches:list": [Row((200, 200, 200, DOOR))],
    "matches:new": [
        # An outsider adds to a team of their own.
        Row((200, 403, 200, DOOR)),
        Row((200, 403, 200, DOOR), method="POST"),
    ],
    "matches:edit": [of_match(200, 403, 404, DOOR), of_match(200, 403, 404, DOOR, method="POST")],
    "matches:swap": [of_match(302, 403, 404, DOOR, method="POST")],
    "matches:upload": [of_match(200, 403, 404, DOOR)],
    "matches:slot": [Row((200, 403, 404, DOOR), lambda world: [world.match.pk, 0])],
    "matches:delete": [
        of_match(200, 403, 404, DOOR),
        of_match(302, 403, 404, DOOR, method="POST"),
    ],
    "matches:card": [of_match(200, 200, 404, DOOR)],
    "matches:remove_video": [
        Row((302, 403, 404, DOOR), lambda world: [world.match.pk, world.video.uuid], "POST")
    ],
    "media:play": [of_video(200, 200, 404, DOOR)],
    "media:poster": [of_video(200, 200, 404, DOOR)],
    "media:source": [of_video(200, 403, 404, DOOR)],
    "uploads:create": [
        Row((409, 403, 404, 403), method="POST", headers=creation),  # 409: the match has its file
        Row((204, 204, 204, 403), method="OPTIONS"),
    ],
    "uploads:one": [
        of_upload(200, 404, 404, 403, method="HEAD"),
        of_upload(415, 404, 404, 403, method="PATCH"),
        of_upload(204, 404, 404, 403, method="DELETE"),
    ],
    "analytics:room": [of_match(200, 200, 404, DOOR)],
    "analytics:positions": [of_match(200, 200, 404, DOOR, query=window)],
    "analytics:progress": [of_match(200, 200, 404, DOOR)],
    "analytics:analyse": [of_match(302, 403, 404, DOOR, method="POST")],
    "analytics:cancel": [of_match(302, 403, 404, DOOR, method="POST")],
    "analytics:setup": [
        of_match(200, 403, 404, DOOR),
        of_match(302, 403, 404, DOOR, method="POST", sent={"part": "lineups"}),
    ],
    "analytics:switch_sides": [of_match(302, 403, 404, DOOR, method="POST")],
    "analytics:board": [of_match(200, 200, 404, DOOR)],
    "analytics:board_csv": [
        Row((200, 403, 404, DOOR), lambda world: [world.match.pk, "events_over_time"]),
        Row((404, 404, 404, DOOR), lambda world: [world.match.pk, "nonsense"]),
    ],
    # The board's scripts and its empty frame hold nothing of a team; the callbacks, which do, are asked with another
    # team's numbers in tests/webapp/analytics.
    "analytics:board_inner": [Row((200, 200, 200, DOOR), lambda world: ["_dash-layout"])],
    "analytics:help": [Row((200, 200, 200, DOOR))],
    "analytics:season": [of_team(200, 200, 404, DOOR)],
    "analytics:season_csv": [
        Row((200, 403, 404, DOOR), lambda world: [world.team.pk, "season_rates"]),
        Row((404, 404, 404, DOOR), lambda world: [world.team.pk, "nonsense"]),
    ],
    "analytics:season_inner": [Row((200, 200, 200, DOOR), lambda world: ["_dash-layout"])],
    "analytics:methods": [Row((200, 200, 200, DOOR))],
    # For who looks after the installation, whatever team they own; tests/webapp/analytics/test_status.py has them.
    "analytics:status": [Row((404, 404, 404, DOOR))],
    "media:frames": [of_video(200, 200, 404, DOOR)],
    "media:sheet": [
        Row((200, 200, 404, DOOR), lambda world: [world.video.uuid, 1]),
        Row((404, 404, 404, DOOR), lambda world: [world.video.uuid, 2]),
    ],
    "media:stream": [
        Row((200, 200, 404, DOOR), lambda world: [world.video.uuid, "index.m3u8"]),
        Row((200, 200, 404, DOOR), lambda world: [world.video.uuid, "video.m3u8"]),
        Row((200, 200, 404, DOOR), lambda world: [world.video.uuid, "video.mp4"]),
        Row((404, 404, 404, DOOR), lambda world: [world.video.uuid, "source.mp4"]),
    ],
    "playlists:index": [
        Row((200, 200, 200, DOOR)),
        Row((302, 403, 302, DOOR), method="POST", sent={"title": "New"}),
    ],
    "playlists:detail": [of_playlist(200, 200, 404, DOOR)],
    "playlists:delete": [of_playlist(302, 403, 404, DOOR, method="POST")],
    "playlists:clip": [
        of_clip(302, 403, 404, DOOR, sent={"act": "up"}),
        Row((404, 403, 404, DOOR), lambda world: [world.playlist.pk, 0], "POST"),
    ],
    "playlists:stills": [of_clip(409, 403, 404, DOOR)],
    "playlists:clips": [
        of_match(200, 200, 404, DOOR),
        of_match(400, 403, 404, DOOR, method="POST"),
    ],
    "playlists:make": [of_playlist(302, 403, 404, DOOR, method="POST")],
    "playlists:state": [of_playlist(200, 200, 404, DOOR)],
    "playlists:cancel": [of_film(302, 403, 404, DOOR, method="POST")],
    "playlists:film": [
        of_film(200, 403, 404, DOOR),
        of_film(200, 200, 404, DOOR, query=lambda world: {"watch": 1}),
    ],
    "playlists:share": [of_film(200, 403, 404, DOOR, method="POST", sent={"days": "7"})],
    "playlists:revoke": [
        Row((302, 403, 404, DOOR), lambda world: [world.playlist.pk, world.link.pk], "POST")
    ],
    # The link is the key: whoever holds it sees this one film.
    "playlists:shared": [
        Row((200, 200, 200, 200), lambda world: [world.share_token]),
        Row((404, 404, 404, 404), lambda world: ["nonsense"]),
    ],
    "playlists:shared_film": [
        Row((200, 200, 200, 200), lambda world: [world.share_token]),
        Row((404, 404, 404, 404), lambda world: ["nonsense"]),
    ],
    "annotation:correct": [
        of_match(409, 403, 404, DOOR, method="POST", sent={"kind": "undo"}),
        of_match(400, 403, 404, DOOR, method="POST"),
    ],
    "annotation:standing": [of_match(200, 200, 404, DOOR)],
    "annotation:evidence": [
        Row((200, 200, 404, DOOR), lambda world: [world.match.pk, world.action.pk])
    ],
    "annotation:repairs": [
        of_match(200, 200, 404, DOOR),
        of_match(400, 403, 404, DOOR, method="POST"),
    ],
    "annotation:layer": [of_team(200, 200, 404, DOOR)],
    "annotation:layer_state": [of_team(200, 200, 404, DOOR)],
    "annotation:learn_layer": [of_team(302, 403, 404, DOOR, method="POST")],
    "annotation:use_layer": [of_team(302, 403, 404, DOOR, method="POST", sent={"number": "0"})],
    "annotation:tags": [
        of_team(200, 200, 404, DOOR),
        of_team(200, 403, 404, DOOR, method="POST", sent={"label": "Press"}),
        of_team(409, 403, 404, DOOR, method="POST"),
    ],
    "annotation:tag": [
        of_button(200, 403, 404, DOOR, method="POST", sent={"label": "Block"}),
        of_button(200, 403, 404, DOOR, method="POST", sent={"remove": "1"}),
        Row((404, 403, 404, DOOR), lambda world: [world.team.pk, 0], "POST"),
    ],
    "annotation:tuning": [of_team(200, 200, 404, DOOR)],
    "annotation:tuning_state": [of_team(200, 200, 404, DOOR)],
    "annotation:start_tuning": [of_team(302, 403, 404, DOOR, method="POST")],
    "annotation:cancel_tuning": [of_team(302, 403, 404, DOOR, method="POST")],
    "annotation:use_weights": [of_team(302, 403, 404, DOOR, method="POST", sent={"number": "0"})],
    "annotation:undo_repair": [
        Row((409, 403, 404, DOOR), lambda world: [world.match.pk, world.repair.pk], "POST")
    ],
    "api:tokens": [Row((200, 200, 200, DOOR)), Row((200, 200, 200, DOOR), method="POST")],
    "api:revoke_token": [
        Row((302, 404, 404, DOOR), lambda world: [world.access_token.pk], method="POST")
    ],
    "api:docs": [Row((200, 200, 200, DOOR))],
    "api:schema": [Row((200, 200, 200, 401))],
    "api:me": [Row((200, 200, 200, 401))],
    "api:formats": [Row((200, 200, 200, 401))],
    "api:members": [of_team(200, 200, 404, 401)],
    # An outsider names a team that is not theirs, which is a bad question and not a door.
    "api:matches": [
        Row((200, 200, 200, 401)),
        Row((201, 403, 400, 401), method="POST", sent=new_match),
    ],
    "api:match": [
        of_match(200, 200, 404, 401),
        of_match(200, 403, 404, 401, method="PATCH"),
        of_match(204, 403, 404, 401, method="DELETE"),
    ],
    "api:teams": [Row((201, 201, 201, 401), method="POST", sent={"name": "New"})],
    "api:team": [of_team(200, 200, 404, 401), of_team(200, 403, 404, 401, method="PATCH")],
    "api:member": [
        Row((400, 403, 404, 401), lambda world: [world.team.pk, world.place.pk], "PATCH"),
        Row((204, 403, 404, 401), lambda world: [world.team.pk, world.place.pk], "DELETE"),
    ],
    "api:invitations": [
        of_team(200, 403, 404, 401),
        of_team(400, 403, 404, 401, method="POST", sent={"role": "coach"}),
    ],
    "api:tag_buttons": [
        of_team(200, 200, 404, 401),
        of_team(201, 403, 404, 401, method="POST", sent={"label": "Press"}),
    ],
    "api:tag_button": [
        of_button(200, 403, 404, 401, method="PATCH"),
        of_button(204, 403, 404, 401, method="DELETE"),
    ],
    "api:tuning": [
        of_team(200, 200, 404, 401),
        # 409: too few corrections.
        of_team(409, 403, 404, 401, method="POST"),
    ],
    "api:cancel_tuning": [of_team(200, 403, 404, 401, method="POST")],
    "api:use_weights": [of_team(409, 403, 404, 401, method="POST", sent={"number": 0})],
    "api:layer": [of_team(200, 200, 404, 401)],
    "api:learn_layer": [of_team(202, 403, 404, 401, method="POST")],
    "api:use_layer": [of_team(409, 403, 404, 401, method="POST", sent={"number": 0})],
    "api:playlists": [
        Row((200, 200, 200, 401)),
        Row((201, 403, 400, 401), method="POST", sent=lambda w: {"team": w.team.pk, "title": "A"}),
    ],
    "api:playlist": [
        of_playlist(200, 200, 404, 401),
        of_playlist(400, 403, 404, 401, method="PATCH"),
        of_playlist(204, 403, 404, 401, method="DELETE"),
    ],
    "api:clips": [
        of_playlist(200, 200, 404, 401),
        of_playlist(400, 403, 404, 401, method="POST"),
    ],
    "api:clip": [
        Row((200, 403, 404, 401), lambda world: [world.playlist.pk, world.clip.pk], "PATCH"),
        Row((204, 403, 404, 401), lambda world: [world.playlist.pk, world.clip.pk], "DELETE"),
    ],
    "api:films": [
        of_playlist(200, 200, 404, 401),
        of_playlist(202, 403, 404, 401, method="POST"),
    ],
    "api:cancel_film": [of_film(200, 403, 404, 401, method="POST")],
    "api:film_file": [of_film(200, 403, 404, 401)],
    "api:film_links": [of_film(201, 403, 404, 401, method="POST", sent={"days": 7})],
    "api:switch_sides": [of_match(409, 403, 404, 401, method="POST")],
    "api:lineups": [of_match(200, 200, 404, 401), of_match(200, 403, 404, 401, method="PUT")],
    "api:camera_repairs": [
        of_match(200, 200, 404, 401),
        of_match(400, 403, 404, 401, method="POST"),
    ],
    "api:undo_repair": [
        Row((409, 403, 404, 401), lambda world: [world.match.pk, world.repair.pk], "POST")
    ],
    "api:videos": [of_match(200, 200, 404, 401)],
    "api:periods": [of_match(200, 200, 404, 401), of_match(400, 403, 404, 401, method="PUT")],
    "api:runs": [of_match(200, 200, 404, 401), of_match(201, 403, 404, 401, method="POST")],
    "api:cancel_run": [of_match(200, 403, 404, 401, method="POST")],
    "api:progress": [of_match(200, 200, 404, 401)],
    "api:events": [
        of_match(200, 200, 404, 401),
        of_match(400, 403, 404, 401, method="POST", sent={"label": "Goal"}),
    ],
    "api:event": [of_event(200, 200, 404, 401)],
    "api:corrections": [
        of_event(200, 200, 404, 401),
        of_event(201, 403, 404, 401, method="POST", sent={"kind": "accept"}),
    ],
    "api:undo": [of_match(409, 403, 404, 401, method="POST")],
    "api:redo": [of_match(409, 403, 404, 401, method="POST")],
    "api:positions": [of_match(200, 200, 404, 401, query=window)],
    "api:import": [of_match(400, 403, 404, 401, method="POST")],
    "api:export": [
        Row((200, 403, 404, 401), lambda world: [world.match.pk, "events_csv"]),
        Row((404, 404, 404, 401), lambda world: [world.match.pk, "nonsense"]),
    ],
    "exports:bring": [of_match(200, 403, 404, DOOR), of_match(200, 403, 404, DOOR, method="POST")],
    "exports:choose": [of_match(200, 403, 404, DOOR)],
    "exports:download": [
        Row((200, 403, 404, DOOR), lambda world: [world.match.pk, "events_csv"]),
        Row((404, 404, 404, DOOR), lambda world: [world.match.pk, "nonsense"]),
    ],
}
