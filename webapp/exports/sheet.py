"""What formats write from: plain values of one match, without Django, so that a golden file fits on paper.

Times are milliseconds of the video (PTS) unless a name says otherwise; positions are metres in our pitch frame.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from webapp.analytics.presentation import look

REVIEWED = frozenset({"confirmed", "corrected", "added"})
# What "only sure ones" means; the timeline draws events below it hollow.
SURE = 0.5
HALF_LETTERS = {1: "1H", 2: "2H", 3: "ET1", 4: "ET2", 5: "PEN"}


@dataclass(frozen=True, slots=True)
class Options:
    """What the person chose.

    Args:
        separator: ``,`` or ``;``.
        decimal_comma: write numbers with a comma.
        reviewed_only: leave out events that nobody looked at.
        least_confidence: leave out events below; 0 keeps all.
        lead_ms, lag_ms: how much a clip shows before and after its event.
        offset_ms: added to every video time, for a copy of the video that begins later or earlier.
        per_half: one file for each period.
        whole_seconds: for tools that know no decimals.
        ascii_only: for tools that know no accents.
        code_by_team: ``Home Corner`` and ``Away Corner`` as classes of their own.
        rate_hz: most samples of positions a second; 0 keeps all.
        system: key of ``coordinates.SYSTEMS``, where a format asks.
        with_manifest: pack the file with its ``manifest.json``.
    """

    separator: str = ","
    decimal_comma: bool = False
    reviewed_only: bool = False
    least_confidence: float = 0.0
    lead_ms: int = 7_000
    lag_ms: int = 5_000
    offset_ms: int = 0
    per_half: bool = False
    whole_seconds: bool = False
    ascii_only: bool = False
    code_by_team: bool = False
    rate_hz: float = 0.0
    system: str = "statsbomb"
    with_manifest: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One event, as every format sees it.

    ``begin_ms`` and ``end_ms`` are the clip's ends, ``video_ms`` the moment: all three since the video's first picture
    and moved by the chosen offset. ``period_ms`` counts from the kick-off and may be negative.
    """

    event_id: str
    video: int
    period: int
    period_ms: int
    video_ms: int
    pts_ms: int
    begin_ms: int
    end_ms: int
    frame: int | None
    label: str
    team: str = ""
    jersey: str = ""
    player: str = ""
    xy_m: tuple[float, float] | None = None
    confidence: float = 1.0
    confidence_kind: str = "raw"
    status: str = "auto"
    source: str = "model"
    model_version: str = ""
    replay_of: str = ""
    note: str = ""

    @property
    def half(self) -> str:
        """``1H`` and so on."""
        return HALF_LETTERS.get(self.period, f"P{self.period}")


@dataclass(frozen=True, slots=True)
class Half:
    """One period: its kick-off in its video, its end where known, and who attacks where (None: unknown)."""

    number: int
    video: int
    kickoff_ms: int
    end_ms: int | None
    home_attacks_right: bool | None
    is_guessed: bool = False


@dataclass(frozen=True, slots=True)
class Film:
    """One video of the match; ``begin_ms`` is the time stamp of its first picture."""

    number: int
    half: int
    begin_ms: int
    duration_ms: int
    fps: float | None
    is_constant_rate: bool
    size_px: tuple[int, int]
    sha256: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The match itself."""

    match_id: str
    title: str
    home: str
    away: str
    team: str = ""
    day: str = ""
    pitch_m: tuple[float, float] = (105.0, 68.0)
    halves: tuple[Half, ...] = ()
    films: tuple[Film, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    colours: tuple[str, str] = ("", "")
    app_version: str = ""

    def attacks_right(self, period: int, team: str) -> bool | None:
        """Whether a team attacks to the right in a period; None where nobody knows."""
        half = next((each for each in self.halves if each.number == period), None)
        if half is None or half.home_attacks_right is None or team not in ("home", "away"):
            return None
        return half.home_attacks_right == (team == "home")

    def film(self, number: int) -> Film:
        """A video by its number."""
        return next(each for each in self.films if each.number == number)


@dataclass(frozen=True, slots=True)
class Spot:
    """One row of positions: who (``track``; 0 is the ball), where, and how that is known."""

    time_ms: int
    frame: int
    track: int
    team: str
    role: str
    source: str
    xy_m: tuple[float, float] | None
    sigma_m: float | None
    period: int
    period_ms: int
    box_px: tuple[float, float, float, float] | None = None


@dataclass(slots=True)
class Sheet:
    """Everything a format may ask for; what it cannot keep it counts in ``dropped`` (sentence -> how often).

    Args:
        facts: the match.
        list_events: (label or None) -> events in playing order, already chosen by the person's options.
        classes: label -> the statuses its events have.
        list_positions: video -> positions in time order.
        states: video -> sample time -> state of the camera.
        views: video -> sample time -> ``image_from_pitch``, nine numbers row by row, or None.
        tracks: (track, team, role, number of positions), most seen first.
        pictures: stills of the videos, JPEG.
        own_colours: label -> ``#rrggbb`` of the kinds that the team made itself.
    """

    facts: Facts
    list_events: Callable[[str | None], Iterable[Event]]
    classes: Callable[[], Mapping[str, set[str]]]
    list_positions: Callable[[int], Iterable[Spot]] = lambda video: ()
    states: Callable[[int], Mapping[int, str]] = lambda video: {}
    views: Callable[[int], Mapping[int, tuple[float, ...] | None]] = lambda video: {}
    tracks: Callable[[], Iterable[tuple[int, str, str, int]]] = lambda: ()
    pictures: Callable[[], Iterable[bytes]] = lambda: ()
    own_colours: Mapping[str, str] = field(default_factory=dict)
    part: "Part | None" = None
    dropped: Counter[str] = field(default_factory=Counter)

    def events(self, label: str | None = None) -> Iterator[Event]:
        """Events of the part at hand."""
        for event in self.list_events(label):
            if self.part is None or self.part.has(event.video, event.period):
                yield event

    def colour_of(self, label: str) -> str:
        """The colour of a kind's marks and rows."""
        return self.own_colours.get(label) or look(label).colour

    def positions(self) -> Iterator[tuple[Film, Spot]]:
        """Positions of the part at hand with their video."""
        for film in self.facts.films:
            if self.part is not None and self.part.video not in (None, film.number):
                continue
            for spot in self.list_positions(film.number):
                if self.part is None or self.part.has(film.number, spot.period):
                    yield film, spot

    def of(self, part: "Part") -> "Sheet":
        """The same match, one part of it; both count into one ``dropped``."""
        return replace(self, part=part)


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a match with a file of its own."""

    suffix: str
    video: int | None = None
    period: int | None = None

    def has(self, video: int, period: int) -> bool:
        """Whether something of a video and period belongs here."""
        return self.video in (None, video) and self.period in (None, period)


def parts_of(facts: Facts, *, per_half: bool, by_video_time: bool) -> list[Part]:
    """The files a format must be cut into: periods when asked, videos when its clock is the video's; else one."""
    if per_half and facts.halves:
        return [
            Part(HALF_LETTERS.get(each.number, f"P{each.number}").lower(), each.video, each.number)
            for each in facts.halves
        ]
    if by_video_time and len(facts.films) > 1:
        return [Part(f"video{i}", film.number) for i, film in enumerate(facts.films, start=1)]
    return [Part("")]
