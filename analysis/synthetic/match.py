"""A whole simulated match: what happens, who films it, how it looks, and its frames with the truth beside them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.core.pitch import STANDARD_PITCH, PitchSpec
from analysis.core.problems import InputProblem
from analysis.core.records import Frame
from analysis.synthetic.clock import ms_of_frame
from analysis.synthetic.cutaways import shot_path
from analysis.synthetic.director import MAIN, Shot, direct
from analysis.synthetic.graphics import BLEND_FRAMES, WIPE_STYLES, Graphics, blend
from analysis.synthetic.operator import CameraPath, follow_ball
from analysis.synthetic.play import play_match, play_sample
from analysis.synthetic.randomisation import draw_look
from analysis.synthetic.records import RATE_HZ, MatchPlay
from analysis.synthetic.render import Look, Painter
from analysis.synthetic.squads import with_bystanders
from analysis.synthetic.tracking_input import play_tracking
from analysis.synthetic.views import Motion, Views, view_people

_CHUNK_FRAMES = 100
_SAMPLE_MINUTES = 3.0
_SIZES_PX = (64, 3840)


@dataclass(frozen=True)
class SyntheticMatch:
    """Truth and frames of one match; the same seed gives the same match.

    Args:
        seed: of everything.
        play: people, ball and events on the pitch.
        path: the main camera.
        shots: what is on air.
        look: colours and light.
        image_size_px: (width, height).
        pitch: size of the pitch.
        frame_step: the film has every so-many-th moment; 1 is the full 25 Hz.
    """

    seed: int
    play: MatchPlay
    path: CameraPath
    shots: tuple[Shot, ...]
    look: Look
    image_size_px: tuple[int, int]
    pitch: PitchSpec = STANDARD_PITCH
    frame_step: int = 1

    @property
    def n_frames(self) -> int:
        """Moments at 25 Hz; the film has one frame of every ``frame_step`` of them."""
        return self.play.n_frames

    @property
    def film_rate_hz(self) -> float:
        """Frames a second of the film."""
        return RATE_HZ / self.frame_step

    @property
    def duration_ms(self) -> int:
        """Length of the video."""
        return ms_of_frame(self.n_frames)

    @cached_property
    def shows_main_camera(self) -> NDArray[np.bool_]:
        """(T,) whether the live main camera is on air: frames with a calibration and boxes."""
        shown = np.zeros(self.n_frames, dtype=bool)
        for shot in self.shots:
            shown[shot.start : shot.stop] = (
                shot.camera.startswith("Main camera") and not shot.is_replay
            )
        return shown

    @cached_property
    def motion(self) -> Motion:
        """Speeds and ways of everybody."""
        return Motion(self.play)

    @cached_property
    def on_screen(self) -> MatchPlay:
        """The play with the staff and ball boys whom cameras also see; they are in the pictures, not in the truth."""
        return with_bystanders(self.play, np.random.default_rng([self.seed, 8]), self.pitch)

    @cached_property
    def screen_motion(self) -> Motion:
        """``motion`` of everybody on the screen."""
        return Motion(self.on_screen)

    def views(self, moments: range) -> Views:
        """People in the main camera's picture at moments of the match."""
        part = slice(moments.start, moments.stop, moments.step)
        return view_people(
            self.play, self.motion, self.path, path_part=part, play_frames=np.asarray(moments)
        )

    def frames(self) -> Iterator[Frame]:
        """The film, frame by frame, each drawn when it is asked for; ``index`` counts the film's frames."""
        painter = Painter(
            self.on_screen,
            self.look,
            np.random.default_rng([self.seed, 4]),
            size_px=self.image_size_px,
            pitch=self.pitch,
            camera_yz_m=(float(self.path.position_m[0, 1]), float(self.path.position_m[0, 2])),
            detail=min(1.0, self.image_size_px[0] / 1280),
        )
        shirts = (self.look.kits[0].shirt, self.look.kits[1].shirt)
        graphics = Graphics(
            self.play, self.shots, shirts, WIPE_STYLES[self.seed % len(WIPE_STYLES)]
        )
        last: NDArray[np.uint8] | None = None
        for number, shot in enumerate(self.shots):
            following = self.shots[number + 1] if number + 1 < len(self.shots) else None
            leaving = last
            for frame, image in self._shot_frames(painter, graphics, number):
                since = frame - shot.start + 1
                if shot.transition == "smooth" and leaving is not None and since <= BLEND_FRAMES:
                    image = blend(leaving, image, since / (BLEND_FRAMES + 1))
                last = image
                shown = graphics.draw(image.copy(), frame, shot, following)
                yield Frame(ms_of_frame(frame), frame // self.frame_step, shown)

    def _shot_frames(
        self, painter: Painter, graphics: Graphics, number: int
    ) -> Iterator[tuple[int, NDArray[np.uint8]]]:
        """(moment, picture without graphics) of one shot."""
        shot, step = self.shots[number], self.frame_step
        first = -(-shot.start // step) * step
        if shot.camera == "other":
            card = graphics.card(self.image_size_px, shot.start)
            yield from ((frame, card) for frame in range(first, shot.stop, step))
            return
        path, offset = self.path, 0
        if shot.camera != MAIN or shot.is_replay:
            rng = np.random.default_rng([self.seed, 6, number])
            path = shot_path(
                shot.camera,
                self.play,
                shot.moments(),
                shot.subject,
                rng=rng,
                stand_m=self.path.position_m[0],
                image_size_px=self.image_size_px,
                pitch=self.pitch,
            )
            offset = shot.start
        moments = shot.moments()
        for start in range(first, shot.stop, _CHUNK_FRAMES * step):
            frames = range(start, min(start + _CHUNK_FRAMES * step, shot.stop), step)
            part = slice(start - offset, frames.stop - offset, step)
            moment = moments[start - shot.start : frames.stop - shot.start : step]
            views = view_people(
                self.on_screen, self.screen_motion, path, path_part=part, play_frames=moment
            )
            matrices = path.image_from_world(part)
            for i, frame in enumerate(frames):
                yield frame, painter.frame(matrices[i], views, i, int(moment[i]), frame)


def sample_match(
    seed: int, minutes: float = 1.5, image_size_px: tuple[int, int] = (1280, 720)
) -> SyntheticMatch:
    """A short match that shows a kick-off, a throw-in, a corner and a goal within its first 90 seconds.

    Args:
        seed: 0 or more.
        minutes: length.
        image_size_px: (width, height), even numbers.

    Raises:
        InputProblem: ``simulate_arguments`` for lengths and sizes that cannot be.
    """
    check_arguments(seed, minutes, image_size_px)
    n_frames = max(1, round(minutes * 60 * RATE_HZ))
    # One stream of chance for each part: a change of looks does not change the match.
    play = play_sample(np.random.default_rng([seed, 1]), n_frames)
    return filmed(seed, play, image_size_px, is_sample=True)


def simulate_match(
    seed: int, minutes: float, image_size_px: tuple[int, int] = (1280, 720)
) -> SyntheticMatch:
    """A match at the rates of real ones; up to three minutes the scripted sample, over 55 two halves.

    Args and errors as for ``sample_match``.
    """
    check_arguments(seed, minutes, image_size_px)
    if minutes <= _SAMPLE_MINUTES:
        return sample_match(seed, minutes, image_size_px)
    play = play_match(np.random.default_rng([seed, 1]), round(minutes * 60 * RATE_HZ))
    return filmed(seed, play, image_size_px)


def tracked_match(
    seed: int, tracking: Path, minutes: float | None, image_size_px: tuple[int, int] = (1280, 720)
) -> SyntheticMatch:
    """Real tracking data, filmed by simulated cameras.

    Args:
        seed: of cameras and looks.
        tracking: CSV, see ``tracking_input``.
        minutes: only the beginning; the whole file when None.
        image_size_px: (width, height).

    Raises:
        InputProblem: the arguments or the file.
    """
    check_arguments(seed, 1.0 if minutes is None else minutes, image_size_px)
    return filmed(seed, play_tracking(tracking, minutes), image_size_px)


def filmed(
    seed: int, play: MatchPlay, image_size_px: tuple[int, int], *, is_sample: bool = False
) -> SyntheticMatch:
    """Cameras, cuts and looks for what happens on a pitch; a sample stays on the main camera but for goals."""
    path = follow_ball(play.ball_xyz_m, np.random.default_rng([seed, 2]), image_size_px)
    look = draw_look(np.random.default_rng([seed, 3]))
    shots = direct(play, np.random.default_rng([seed, 5]), only_goals=is_sample)
    return SyntheticMatch(seed, play, path, shots, look, image_size_px)


def at_film_rate(match: SyntheticMatch, rate_hz: float) -> SyntheticMatch:
    """The same match as a film of fewer frames a second, of which only those are drawn.

    Args:
        match: at 25 Hz.
        rate_hz: 25 divided by a whole number of at most 25.

    Raises:
        InputProblem: ``simulate_arguments`` for other rates.
    """
    step = round(RATE_HZ / rate_hz) if rate_hz > 0 else 0
    if not 1 <= step <= RATE_HZ or abs(step * rate_hz - RATE_HZ) > 1e-6:
        raise InputProblem(
            "simulate_arguments",
            f"The frame rate must be 25 divided by a whole number, such as 25, 12.5, 5, 2.5 or 1, not {rate_hz:g}.",
        )
    return replace(match, frame_step=step)


def check_arguments(seed: int, minutes: float, image_size_px: tuple[int, int]) -> None:
    """Raises InputProblem when a match of this kind cannot be made."""
    low, high = _SIZES_PX
    width, height = image_size_px
    if seed < 0:
        raise InputProblem("simulate_arguments", f"The seed must be 0 or more, not {seed}.")
    if not 0 < minutes <= 120:
        raise InputProblem(
            "simulate_arguments",
            f"A match lasts more than 0 and at most 120 minutes; set --minutes, not {minutes:g}.",
        )
    if not (low <= width <= high and low <= height <= high) or width % 2 or height % 2:
        raise InputProblem(
            "simulate_arguments",
            f"The picture must be {low} to {high} pixels a side, in even numbers, not {width}x{height}.",
        )
