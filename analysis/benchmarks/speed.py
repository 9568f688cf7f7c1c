"""How fast each calibrator is, against decoding the same frames, and what a stream of two samples a second costs.

Processor seconds of one core (networks run on one thread), so that other work on the machine does not count.
"""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch

from analysis.core.pitch import STANDARD_PITCH
from analysis.core.problems import InputProblem
from analysis.core.records import Frame
from analysis.core.registry import CALIBRATORS
from analysis.pipeline.recipe import load_recipe
from analysis.video.decode import VideoSource
from analysis.video.probe import probe

CLIP = Path("clips") / "zakery_realmadrid_sevilla_720p.mp4"
RATE_HZ = 2.0
N_SINGLE = 12
CORES = 2


def measure(data: Path) -> str:
    """The page: a row a method."""
    path = data / CLIP
    if not path.is_file():
        raise InputProblem("clip_missing", f"There is no {CLIP.name} in {data.name!r}/clips.")
    torch.set_num_threads(1)
    frames, decode_s = decoded(path)
    span_s = len(frames) / RATE_HZ
    default = load_recipe("default").calibrate
    called: list[tuple[str, str, Mapping[str, Any]]] = [
        (name, name, {}) for name in CALIBRATORS.names()
    ]
    called.append(("default recipe", default.method, default.settings))
    rows = []
    for words, name, settings in called:
        stream_s, single_s = method_seconds(name, frames, settings)
        rows.append(
            f"| {words} | {len(frames) / stream_s:.1f} | {stream_s / decode_s:.1f} | {N_SINGLE / single_s:.1f} "
            f"| {single_s / N_SINGLE / (decode_s / len(frames)):.1f} | {stream_s / CORES / span_s:.3f} |"
        )
    intro = _WORDS.format(
        clip=CLIP.stem, n=len(frames), span=span_s, decode=decode_s / len(frames), single=N_SINGLE
    )
    return "\n".join([intro, "", _HEADER, *rows, "", _gpu_words()])


_WORDS = """Clip `{clip}`, {n} samples of {span:.0f} s at two a second, decoded into memory first: {decode:.3f}
processor seconds a sample. "Stream" hands the samples over in order, so that a view may be followed; "single"
hands over {single} of them one by one, each to a fresh stream. "Share of playing time" is what a stream of two
samples a second costs on two cores. All figures are processor seconds on one core; start-up (banks, weights) is
not counted."""
_HEADER = """| method | stream, samples/s | x decoding | single, samples/s | x decoding | share of playing time |
|---|---|---|---|---|---|"""


def _gpu_words() -> str:
    if not torch.cuda.is_available():
        return "No GPU was at hand: batched speed on one is not measured here."
    return f"A GPU ({torch.cuda.get_device_name()}) was present; these figures are of the CPU."


def decoded(path: Path) -> tuple[list[Frame], float]:
    """Samples of a clip, and the processor seconds it took to decode them."""
    source = VideoSource(probe(path, sha256="-"))
    started = time.process_time()
    frames = list(source.frames_at(RATE_HZ, None, 2**40))
    return frames, time.process_time() - started


def method_seconds(
    name: str, frames: list[Frame], settings: Mapping[str, Any]
) -> tuple[float, float]:
    """Processor seconds for all frames as a stream, and for ``N_SINGLE`` of them each by itself."""
    module: Any = CALIBRATORS.load(name)
    calibrator = module.build(module.Settings(**settings), "cpu")
    # the bank of this picture shape and lazily made tables belong to the start
    _exhaust(calibrator.calibrate(iter(frames[:1]), STANDARD_PITCH))
    started = time.process_time()
    _exhaust(calibrator.calibrate(iter(frames), STANDARD_PITCH))
    stream_s = time.process_time() - started
    picked = frames[:: max(1, len(frames) // N_SINGLE)][:N_SINGLE]
    started = time.process_time()
    for frame in picked:
        _exhaust(calibrator.calibrate(iter([frame]), STANDARD_PITCH))
    return stream_s, (time.process_time() - started) * N_SINGLE / len(picked)


def _exhaust(answers: Iterator[Any]) -> None:
    for _ in answers:
        pass
