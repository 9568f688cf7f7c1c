"""The four events of the specification's example match, and hostile ones, as sheets without a database."""

from collections.abc import Iterable
from dataclasses import replace

from webapp.exports.sheet import Event, Facts, Film, Half, Options, Sheet, Spot

KICKOFFS = (312_480, 3_652_120)
FACTS = Facts(
    "m-42", "Home v Away", "Home FC", "Away FC", "Rovers", "2026-11-20",
    halves=(Half(1, 7, KICKOFFS[0], None, True), Half(2, 7, KICKOFFS[1], None, False)),
    films=(Film(7, 0, 0, 6_000_000, 25.0, True, (1280, 720), "ab" * 32, "match.mp4"),),
    versions={"spotting": "spot 1.4.0"}, app_version="0.1.0",
)  # fmt: skip
# NUL and halves of pairs are not among them: the database holds neither.
HOSTILE = (
    "B & C <Lee>", '=HYPERLINK("http://x")', "+1", "-2+3", "@SUM(A1)", "\t=1", "\r\n=1", "a;b,c\"d'e", "]]>", "-->",
    "marks \x07\x0b\ufffe", "\u202eevil", "Ünïcødé Ñandú 選手 ⚽👩‍⚽", "x" * 300,
    "%s {0} ${jndi}", "CDATA[[", "\n\n",
)  # fmt: skip


def event(number: int, at_ms: int, label: str, **more) -> Event:
    """An event with the usual lead and lag."""
    period = 2 if at_ms >= KICKOFFS[1] else 1
    usual = {
        "event_id": str(number), "video": 7, "period": period, "period_ms": at_ms - KICKOFFS[period - 1],
        "video_ms": at_ms, "pts_ms": at_ms, "begin_ms": max(0, at_ms - 7000), "end_ms": at_ms + 5000,
        "frame": at_ms // 40, "label": label, "confidence_kind": "calibrated", "model_version": "spot-1.4.0",
    }  # fmt: skip
    return Event(**{**usual, **more})


EVENTS = [
    event(1, 312_480, "Kick-off", team="home", jersey="9", player="Ana Ruiz", xy_m=(0.0, 0.0), confidence=0.97),
    event(2, 1_105_200, "Shots on target", team="home", jersey="9", player="Ana Ruiz", xy_m=(38.4, 6.1),
          confidence=0.83, status="confirmed", source="coach"),
    event(3, 4_021_960, "Corner", team="away", jersey="7", player="B & C <Lee>", xy_m=(-52.5, -34.0),
          confidence=0.41, status="corrected", source="coach"),
    event(4, 4_310_000, "Goal", team="away", player='=HYPERLINK("http://x")', confidence=0.92),
]  # fmt: skip


def sheet(
    events: Iterable[Event] = EVENTS, spots: Iterable[Spot] = (), facts: Facts = FACTS
) -> Sheet:
    """A sheet of values at hand."""
    events, spots = list(events), list(spots)
    classes: dict[str, set[str]] = {}
    for each in events:
        classes.setdefault(each.label, set()).add(each.status)
    counts: dict[tuple[int, str, str], int] = {}
    for spot in spots:
        counts[spot.track, spot.team, spot.role] = (
            counts.get((spot.track, spot.team, spot.role), 0) + 1
        )
    return Sheet(
        facts,
        lambda label: (each for each in events if label in (None, each.label)),
        lambda: classes,
        list_positions=lambda video: iter(spots),
        tracks=lambda: [(*key, n) for key, n in sorted(counts.items(), key=lambda row: -row[1])],
    )  # fmt: skip


def spot(time_ms: int, track: int, team: str, xy_m, **more) -> Spot:
    """A position of a track; track 0 is the ball."""
    role = "player" if track else "ball"
    period = 2 if time_ms >= KICKOFFS[1] else 1
    usual = {"source": "detected" if xy_m else "not_seen", "sigma_m": 0.4, "period": period,
             "period_ms": time_ms - KICKOFFS[period - 1]}  # fmt: skip
    return Spot(time_ms, time_ms // 40, track, team, role, xy_m=xy_m, **{**usual, **more})


SPOTS = [
    spot(time_ms, track, team, xy)
    for time_ms in (312_480, 312_520, 312_560, 3_652_120, 3_652_160)
    for track, team, xy in (
        (0, "", (0.0, 0.0) if time_ms != 312_520 else None),
        (1, "home", (-40.95, 0.0)),
        (9, "home", (-32.55, 0.0) if time_ms != 312_520 else None),
        (11, "away", (40.95, 0.0)),
        (17, "away", (31.5126, 13.6)),
        (30, "", (1.0, 1.0)),
    )
]


def written(form, made: Sheet | None = None, **options) -> bytes:
    """The bytes of a format of one file."""
    return b"".join(form.pieces(made or sheet(), replace(Options(), **options)))
