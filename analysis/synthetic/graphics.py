"""What a broadcaster draws over the picture: score and clock, captions, the wipe round replays, full-screen cards."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.clock import clock_text
from analysis.synthetic import effects
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.director import Shot
from analysis.synthetic.records import RATE_HZ, MatchPlay

ImageArray = NDArray[np.uint8]
RGB = tuple[int, int, int]

WIPE_FRAMES = 12
"""Half of a wipe: so many frames before the cut and as many after it."""
WIPE_STYLES = ("slanted", "doors", "curtain", "disc")
BLEND_FRAMES = 8
_CAPTION_S = (2.0, 7.0)
CARD_ROWS = {
    "SHOTS": ("Shots on target", "Shots off target"),
    "ON TARGET": ("Shots on target",),
    "FOULS": ("Foul",),
    "CORNERS": ("Corner",),
    "OFFSIDES": ("Offside",),
}
"""What the full-screen table counts, and as which events."""


@dataclass(frozen=True)
class Graphics:
    """The graphics of one match.

    Args:
        play: for score and clock.
        shots: what is on air.
        colours: home and away shirts.
        wipe_style: how replays are opened and closed, in ``WIPE_STYLES``.
    """

    play: MatchPlay
    shots: tuple[Shot, ...]
    colours: tuple[RGB, RGB]
    wipe_style: str = "slanted"

    def draw(self, image: ImageArray, frame: int, shot: Shot, following: Shot | None) -> ImageArray:
        """The picture of a video frame with everything over it; may be the same array, changed."""
        image = np.ascontiguousarray(image)
        if not shot.is_replay:
            effects.score_bug(image, self._texts(frame), list(self.colours), right=False)
            caption = self._caption(frame)
            if caption is not None:
                effects.lower_third(image, *caption)
        since, until = frame - shot.start, shot.stop - 1 - frame
        if shot.transition == "logo" and since < WIPE_FRAMES:
            wipe(image, 0.5 + 0.5 * since / WIPE_FRAMES, self.colours[0], self.wipe_style)
        elif following is not None and following.transition == "logo" and until < WIPE_FRAMES:
            wipe(image, 0.5 * (1 - until / WIPE_FRAMES), self.colours[0], self.wipe_style)
        return image

    def card(self, size_px: tuple[int, int], frame: int) -> ImageArray:
        """A full-screen table: what both teams came to until a video frame, home on the left."""
        width, height = size_px
        image = np.full((height, width, 3), (22, 26, 40), np.uint8)
        image[: height // 6] = self.colours[0]
        for k, (words, labels) in enumerate(CARD_ROWS.items()):
            y = height // 6 + (k + 1) * height // 8
            home, away = (self._count(team, labels, frame) for team in ("home", "away"))
            for text, middle in ((str(home), 0.25), (words, 0.5), (str(away), 0.75)):
                _put(image, text, (round(middle * width), y))
            ends = ((width // 5, y + height // 40), (4 * width // 5, y + height // 40))
            cv2.line(image, *ends, self.colours[1], 2)
        return image

    def _count(self, team: str, labels: tuple[str, ...], frame: int) -> int:
        return sum(
            event.team == team and event.label in labels and event.frame <= frame
            for event in self.play.events
        )

    def _texts(self, frame: int) -> tuple[str, str, str]:
        period = next(
            (p for p in self.play.periods if p.start <= frame < p.stop), self.play.periods[-1]
        )
        clock = clock_text(
            max(0, ms_of_frame(frame - period.kickoff)) + (period.half - 1) * 45 * 60_000
        )
        goals = [
            e.team for e in self.play.events if e.label == "Goal" and e.frame + 4 * RATE_HZ < frame
        ]
        return "HOM", "AWY", f"{goals.count('home')}-{goals.count('away')} {clock}"

    def _caption(self, frame: int) -> tuple[str, RGB] | None:
        for event in self.play.events:
            since = (frame - event.frame) / RATE_HZ
            if event.label in ("Goal", "Substitution") and _CAPTION_S[0] < since < _CAPTION_S[1]:
                name = "" if event.person is None else self.play.people[event.person].name.upper()
                return f"{event.label.upper()} {name}", self.colours[
                    0 if event.team == "home" else 1
                ]
        return None


def wipe(image: ImageArray, progress: float, colour: RGB, style: str = "slanted") -> None:
    """A coloured shape with an emblem that covers the whole picture at 0.5, in place.

    Args:
        image: (H, W, 3).
        progress: 0 before it, 1 after it.
        colour: of the shape.
        style: in ``WIPE_STYLES``.
    """
    height, width = image.shape[:2]
    ink = (245, 245, 245) if sum(colour) < 420 else (30, 34, 60)
    closed = 1 - abs(2 * progress - 1)
    centre = (width // 2, height // 2)
    if style == "slanted":
        centre = _band(image, progress, colour)
    elif style == "doors":
        reach = int(np.ceil(closed * width / 2))
        image[:, :reach], image[:, width - reach :] = colour, colour
    elif style == "curtain":
        reach = int(np.ceil(closed * height))
        image[:reach] = colour
    else:
        reach = int(closed * 0.62 * np.hypot(width, height))
        cv2.circle(image, centre, reach, colour, -1, cv2.LINE_AA)
    if style == "slanted" or closed > 0.35:
        cv2.circle(image, centre, height // 6, ink, max(2, height // 60), cv2.LINE_AA)
        cv2.circle(image, centre, height // 11, ink, -1, cv2.LINE_AA)


def _band(image: ImageArray, progress: float, colour: RGB) -> tuple[int, int]:
    """A slanted band from left to right; returns its middle."""
    height, width = image.shape[:2]
    slant = 0.35 * height
    span = width + slant
    lead = 2 * progress * span - slant
    tail = (2 * progress - 1) * span - slant if progress > 0.5 else -2 * span
    band = np.array([[tail, height], [tail + slant, 0], [lead + slant, 0], [lead, height]])
    cv2.fillConvexPoly(
        image, np.rint(np.clip(band, -4 * width, 4 * width)).astype(np.int32), colour
    )
    return int((max(tail, 0) + min(lead, width)) / 2), height // 2


def blend(before: ImageArray, after: ImageArray, share: float) -> ImageArray:
    """A dissolve: ``share`` 0 shows what was before, 1 what comes."""
    return np.asarray(cv2.addWeighted(after, share, before, 1 - share, 0))


def _put(image: ImageArray, text: str, middle_px: tuple[int, int]) -> None:
    """Write a text so that its middle is above a point."""
    font, scale = cv2.FONT_HERSHEY_DUPLEX, image.shape[0] / 700
    (width, _), _ = cv2.getTextSize(text, font, scale, 1)
    at = (middle_px[0] - width // 2, middle_px[1])
    cv2.putText(image, text, at, font, scale, (230, 230, 230), 1, cv2.LINE_AA)
