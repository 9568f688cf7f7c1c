"""Detectors on labelled frames, none of them calibrated: boxes, roles, and what a frame costs.

Every so-many-th frame of ``player_boxes``. The bundled weights of ``compact`` learned from these frames: its row says
what fitting came to and not what it finds elsewhere: ``localization.md`` has that. FastestDet (a person detector of
everyday pictures for 352x352, where its file lies beside the data) is asked on six tiles of a frame, with and without
the field mask. Costs are processor seconds of one core.
"""

import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from analysis.core.records import Detections, Frame
from analysis.core.registry import DETECTORS
from analysis.core.vocabulary import ROLES
from analysis.datasets.player_boxes import BoxedFrame, read_boxed_frames
from analysis.localization.doubles import without_doubles
from analysis.localization.on_field import Field
from analysis.metrics.localization import People, evaluate_boxes
from analysis.video.images import read_image

ImageArray = NDArray[np.uint8]
FloatArray = NDArray[np.float64]
Detect = Callable[[ImageArray], Detections]

EVERY = 8
BUNDLED = ("compact", "grass_blobs")
PEER_FILE = "FastestDet.onnx"
_PEER_SIDE_PX = 352
_PEER_TILES = (3, 2)
_COLUMNS = (
    "method", "frames", "AP50", "AP50:95", "precision", "recall", "foot offset, median", "role accuracy",
    "seconds a frame",
)  # fmt: skip


def measure(data: Path) -> str:
    """The page."""
    frames = read_boxed_frames(data / "player_boxes")[::EVERY]
    methods: dict[str, Detect] = {name: _bundled(name) for name in BUNDLED}
    peer = data / "peer_weights" / PEER_FILE
    if peer.is_file():
        found = FastestDet(peer)
        methods["FastestDet, no field mask"] = found.detect
        methods["FastestDet, field mask"] = lambda image: found.detect(image, is_masked=True)
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    lines += [_row(name, detect, frames) for name, detect in methods.items()]
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return "\n".join([*lines, "", f"Most memory of all this: {peak_mb} MB."])


def _bundled(name: str) -> Detect:
    module = DETECTORS.load(name)
    detector = module.build(module.Settings(), "cpu")
    return lambda image: detector.detect([Frame(0, 0, image)], [None])[0]


def _row(name: str, detect: Detect, frames: Sequence[BoxedFrame]) -> str:
    pairs, spent = [], 0.0
    for frame in frames:
        image = read_image(frame.image_path)
        began = time.process_time()
        found = detect(image)
        spent += time.process_time() - began
        size = np.array([image.shape[1], image.shape[0]] * 2)
        roles = tuple(ROLES[role] if role >= 0 else None for role in found.role)
        truth = People(
            frame.box_rel * size, np.ones(len(frame.role)), tuple(ROLES[i] for i in frame.role)
        )
        pairs.append((People(found.box_px, found.score, roles), truth))
    scored = evaluate_boxes(pairs)
    numbers = [
        "–" if scored[key] is None else f"{scored[key]:.3f}"
        for key in ("ap50", "ap50_95", "precision", "recall", "foot_offset_median", "role_accuracy")
    ]
    return f"| {' | '.join([name, str(len(frames)), *numbers, f'{spent / len(frames):.3f}'])} |"


class FastestDet:
    """A published person detector to compare with: one box a cell, objectness and class, for squares of 352 px.

    Args:
        path: its ONNX file.
    """

    def __init__(self, path: Path) -> None:
        self.network = cv2.dnn.readNetFromONNX(str(path))

    def detect(self, image: ImageArray, *, is_masked: bool = False) -> Detections:
        """People of an RGB picture, asked tile by tile."""
        height, width = image.shape[:2]
        boxes, scores = [np.zeros((0, 4))], [np.zeros(0)]
        columns, rows = _PEER_TILES
        tall, wide = int(height / rows * 1.1), int(width / columns * 1.1)
        for top in np.linspace(0, height - tall, rows).astype(int):
            for left in np.linspace(0, width - wide, columns).astype(int):
                box, score = self._tile(image[top : top + tall, left : left + wide])
                boxes.append(box + np.array([left, top, left, top]))
                scores.append(score)
        box, score = np.concatenate(boxes), np.concatenate(scores)
        box = np.clip(box, 0, np.array([width, height] * 2))
        if is_masked:
            kept = Field(image).has(box)
            box, score = box[kept], score[kept]
        best = without_doubles(box, score, 0.45)
        empty = np.full((len(best), 3), np.nan)
        return Detections(box[best], score[best], np.full(len(best), -1, np.int64), empty)

    def _tile(self, tile: ImageArray) -> tuple[FloatArray, FloatArray]:
        side = (_PEER_SIDE_PX, _PEER_SIDE_PX)
        self.network.setInput(cv2.dnn.blobFromImage(tile, 1 / 255, side, swapRB=True))
        # Per cell: objectness, offset x and y, width, height, and 80 classes of which the first is a person.
        answer = self.network.forward()[0].astype(np.float64)
        cells = answer.shape[1]
        is_person = answer[5:].argmax(axis=0) == 0
        score = np.where(is_person, np.clip(answer[0], 0, 1) ** 0.6 * answer[5] ** 0.4, 0.0)
        row, column = np.nonzero(score >= 0.1)
        offset_x, offset_y, wide, tall = answer[1:5, row, column]
        x, y = (np.tanh(offset_x) + column) / cells, (np.tanh(offset_y) + row) / cells
        w, h = 1 / (1 + np.exp(-wide)), 1 / (1 + np.exp(-tall))
        box = np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)
        return box * np.array([tile.shape[1], tile.shape[0]] * 2), score[row, column]
