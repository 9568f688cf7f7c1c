"""Small articulated people: a skeleton in a running pose, drawn as capsules into a sprite, and its exact outline.

A sprite is anchored at the middle of its outline's lower edge: that point is put on the person's place on the grass,
so the foot point of a box is the true position by construction.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

N_YAWS = 12
N_PHASES = 8
N_POSES = 1 + 2 * N_PHASES
"""Pose 0 stands, 1..8 walk, 9..16 run."""
PX_PER_M = 64
_CANVAS_PX = 160
_ORIGIN_PX = (80, 140)
NOMINAL_HEIGHT_M = 1.8
_DETAILS = (0.5, 1.0, 2.0, 4.0)
_KEPT_BYTES = 48_000_000

SKINS = ((224, 178, 148), (198, 146, 112), (240, 200, 172), (120, 82, 60), (92, 62, 46), (168, 118, 88))  # fmt: skip
HAIRS = ((60, 42, 30), (30, 24, 22), (150, 112, 62), (24, 20, 20), (20, 18, 18), (42, 32, 26))

RGB = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Kit:
    """Colours of one outfit."""

    shirt: RGB
    shorts: RGB
    socks: RGB
    second: RGB | None = None
    pattern: str = "plain"


@dataclass(frozen=True, slots=True)
class Sprite:
    """One figure: premultiplied RGBA of halving sizes, and its outline's lower middle in each.

    Args:
        levels: (h, w, 4) uint8 each; level k has ``detail * PX_PER_M / 2**k`` pixels a metre.
        anchor_px: (2,) in level 0 pixel edges.
        detail: times ``PX_PER_M`` of level 0.
    """

    levels: tuple[NDArray[np.uint8], ...]
    anchor_px: tuple[float, float]
    detail: float = 1.0

    @property
    def n_bytes(self) -> int:
        """What its pictures take."""
        return sum(level.nbytes for level in self.levels)


def pose_of(speed_ms: FloatArray, distance_m: FloatArray) -> NDArray[np.int64]:
    """Pose index of people from their speed and the way they have run so far; same shapes."""
    walk = (distance_m / 1.5 * N_PHASES).astype(np.int64) % N_PHASES
    run = (distance_m / 2.8 * N_PHASES).astype(np.int64) % N_PHASES
    pose = np.where(speed_ms < 2.6, 1 + walk, 1 + N_PHASES + run)
    return np.where(speed_ms < 0.45, 0, pose)


def yaw_of(facing_rad: FloatArray) -> NDArray[np.int64]:
    """Sprite direction of an angle: 0 looks to the right of the image, pi/2 away from the camera."""
    return np.rint(facing_rad / (2 * np.pi) * N_YAWS).astype(np.int64) % N_YAWS


def _joints(pose: int) -> dict[str, FloatArray]:
    """Body points (forward, left, up) in metres of a person of nominal height."""
    if pose == 0:
        phase, swing, bend, lean = 0.0, 0.06, 0.05, 0.0
    elif pose <= N_PHASES:
        phase, swing, bend, lean = (pose - 1) / N_PHASES, 0.42, 0.3, 0.03
    else:
        phase, swing, bend, lean = (pose - 1 - N_PHASES) / N_PHASES, 0.78, 1.15, 0.16
    joints: dict[str, FloatArray] = {}
    hip_z, shoulder_z = 0.93, 1.46
    chest = np.array([np.sin(lean) * 0.53, 0.0, hip_z + (shoulder_z - hip_z) * np.cos(lean)])
    joints["hip"], joints["chest"] = np.array([0.0, 0.0, hip_z]), chest
    joints["head"] = chest + np.array([0.05 + 0.1 * lean, 0.0, 0.2])
    for name, side, turn in (("left", 1.0, 0.0), ("right", -1.0, 0.5)):
        angle = 2 * np.pi * (phase + turn)
        thigh = swing * np.sin(angle)
        knee = bend * max(0.0, np.cos(angle - 0.35)) + 0.06
        hip = np.array([0.0, 0.09 * side, hip_z])
        knee_at = hip + 0.45 * np.array([np.sin(thigh), 0.02 * side, -np.cos(thigh)])
        foot = knee_at + 0.45 * np.array([np.sin(thigh - knee), 0.0, -np.cos(thigh - knee)])
        joints[f"{name}_hip"], joints[f"{name}_knee"], joints[f"{name}_foot"] = hip, knee_at, foot
        joints[f"{name}_toe"] = foot + np.array([0.17, 0.0, -0.02])
        arm = -swing * 0.9 * np.sin(angle)
        shoulder = chest + np.array([0.0, 0.19 * side, -0.02])
        elbow = shoulder + 0.29 * np.array([np.sin(arm), 0.28 * side, -np.cos(arm)])
        fold = 0.25 + 1.1 * min(1.0, bend)
        hand = elbow + 0.27 * np.array([np.sin(arm + fold), -0.1 * side, -np.cos(arm + fold)])
        joints[f"{name}_shoulder"], joints[f"{name}_elbow"], joints[f"{name}_hand"] = (
            shoulder,
            elbow,
            hand,
        )
    return joints


# (from, to, thickness in metres, colour, part of the segment from/to)
_LIMBS = (
    ("left_hip", "left_knee", 0.17, "thigh"),
    ("left_knee", "left_foot", 0.115, "socks"),
    ("left_foot", "left_toe", 0.09, "boots"),
    ("right_hip", "right_knee", 0.17, "thigh"),
    ("right_knee", "right_foot", 0.115, "socks"),
    ("right_foot", "right_toe", 0.09, "boots"),
    ("left_shoulder", "left_elbow", 0.12, "shirt"),
    ("left_elbow", "left_hand", 0.085, "skin"),
    ("right_shoulder", "right_elbow", 0.12, "shirt"),
    ("right_elbow", "right_hand", 0.085, "skin"),
)


class Wardrobe:
    """Sprites of kits, looks, poses and directions, drawn when first asked for; the longest unused ones go.

    Args:
        kept_bytes: pictures kept at most, so that memory does not grow with the length of a film.
    """

    def __init__(self, kept_bytes: int = _KEPT_BYTES) -> None:
        self.kept_bytes = kept_bytes
        self.n_bytes = 0
        self._sprites: OrderedDict[tuple[Kit, int, int, int, float], Sprite] = OrderedDict()

    def sprite(self, kit: Kit, look: int, pose: int, yaw: int, px_per_m: float) -> Sprite:
        """The figure, drawn finely enough for a size in the picture."""
        enough = (d for d in _DETAILS if px_per_m <= 1.2 * d * PX_PER_M)
        key = (kit, look, pose, yaw, next(enough, _DETAILS[-1]))
        found = self._sprites.get(key)
        if found is not None:
            self._sprites.move_to_end(key)
            return found
        made = self._sprites[key] = _draw(*key)
        self.n_bytes += made.n_bytes
        while self.n_bytes > self.kept_bytes and len(self._sprites) > 1:
            self.n_bytes -= self._sprites.popitem(last=False)[1].n_bytes
        return made


def outlines() -> FloatArray:
    """(N_POSES, N_YAWS, 2) width and height in metres of every sprite's outline, for nominal height."""
    kit = Kit((255, 255, 255), (255, 255, 255), (255, 255, 255))
    table = np.empty((N_POSES, N_YAWS, 2))
    for pose in range(N_POSES):
        for yaw in range(N_YAWS):
            x0, y0, x1, y1 = _outline(_paint(kit, 0, pose, yaw)[..., 3])
            table[pose, yaw] = (x1 - x0) / PX_PER_M, (y1 - y0) / PX_PER_M
    return table


def _draw(kit: Kit, look: int, pose: int, yaw: int, detail: float) -> Sprite:
    image = _paint(kit, look, pose, yaw, detail)
    x0, _, x1, y1 = _outline(image[..., 3])
    # Only what is not empty is kept, in sides that can be halved down to the smallest level.
    rows, columns = (np.flatnonzero((image[..., 3] > 0).any(axis)) for axis in (1, 0))
    step = round(16 * detail)
    top, left = int(rows[0]) // step * step, int(columns[0]) // step * step
    height = -(-(int(rows[-1]) + 1 - top) // step) * step
    width = -(-(int(columns[-1]) + 1 - left) // step) * step
    levels = [np.ascontiguousarray(image[top : top + height, left : left + width])]
    while levels[-1].shape[0] > 12 and not any(side % 2 for side in levels[-1].shape[:2]):
        height, width = levels[-1].shape[:2]
        levels.append(
            cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        )
    return Sprite(tuple(levels), ((x0 + x1) / 2 - left, float(y1 - top)), detail)


def _outline(alpha: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """x0, y0, x1, y1 (exclusive edges) of what is more than half opaque."""
    solid = alpha > 127
    rows, columns = np.flatnonzero(solid.any(1)), np.flatnonzero(solid.any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _paint(kit: Kit, look: int, pose: int, yaw: int, detail: float = 1.0) -> NDArray[np.uint8]:
    """(160, 160, 4) times ``detail``: premultiplied figure, drawn at twice the size and averaged."""
    joints, angle = _joints(pose), 2 * np.pi * yaw / N_YAWS
    scale = round(2 * PX_PER_M * detail)
    origin_px = (2 * _ORIGIN_PX[0] * detail, 2 * _ORIGIN_PX[1] * detail)
    side_px = round(_CANVAS_PX * detail)

    def place(point: FloatArray) -> tuple[float, float, float]:
        forward, left, up = point
        u = forward * np.cos(angle) - left * np.sin(angle)
        depth = forward * np.sin(angle) + left * np.cos(angle)
        # A camera looks down a little: what is nearer stands lower in the picture.
        return origin_px[0] + u * scale, origin_px[1] - (up + 0.22 * depth) * scale, depth

    canvas = np.zeros((2 * side_px, 2 * side_px, 4), np.uint8)
    skin, hair = SKINS[look % len(SKINS)], HAIRS[look % len(HAIRS)]
    colours = {"skin": skin, "socks": kit.socks, "shirt": kit.shirt, "boots": (30, 30, 34)}
    parts: list[tuple[float, str, tuple]] = []
    for start, end, thickness, colour in _LIMBS:
        a, b = place(joints[start]), place(joints[end])
        parts.append(((a[2] + b[2]) / 2, "limb", (a, b, thickness, colour)))
    parts.append((0.0, "torso", ()))
    parts.append((-0.02, "head", ()))
    for _, kind, limb in sorted(parts, key=lambda part: -part[0]):
        if kind == "limb":
            _limb(canvas, limb, kit, colours, scale)
        elif kind == "torso":
            _torso(canvas, joints, place, kit, scale)
        else:
            _head(canvas, place(joints["head"]), angle, skin, hair, scale)
    small = cv2.resize(canvas, (side_px, side_px), interpolation=cv2.INTER_AREA)
    return _lit(small, detail)


def _lit(image: NDArray[np.uint8], detail: float) -> NDArray[np.uint8]:
    """Roundness: light from above left, darker to the right and below; outline and alpha stay."""
    soft = cv2.GaussianBlur(image[..., 3].astype(np.float32) / 255, (0, 0), 3.0 * detail)
    # Central differences, a third of the cost of numpy's.
    down = cv2.filter2D(soft, -1, np.array([[-0.5], [0], [0.5]], np.float32))
    right = cv2.filter2D(soft, -1, np.array([[-0.5, 0, 0.5]], np.float32))
    light = np.clip(0.97 + detail * (2.2 * right + 1.4 * down), 0.62, 1.12).astype(np.float32)
    colour = cv2.multiply(image[..., :3], cv2.merge([light] * 3), dtype=cv2.CV_8U)
    colour = np.minimum(colour, image[..., 3:])
    return np.ascontiguousarray(np.concatenate([colour, image[..., 3:]], axis=2))


def _capsule(canvas: NDArray[np.uint8], a: tuple, b: tuple, width_px: float, colour: RGB) -> None:
    ends = [(round(p[0] * 16), round(p[1] * 16)) for p in (a, b)]
    cv2.line(
        canvas, ends[0], ends[1], (*map(int, colour), 255), max(1, round(width_px)), cv2.LINE_AA, 4
    )


def _limb(
    canvas: NDArray[np.uint8], limb: tuple, kit: Kit, colours: dict[str, RGB], scale: int
) -> None:
    a, b, thickness, colour = limb
    if colour == "thigh":
        _capsule(canvas, a, b, thickness * 0.82 * scale, colours["skin"])
        middle = tuple(a[k] * 0.35 + b[k] * 0.65 for k in range(3))
        _capsule(canvas, a, middle, thickness * 1.15 * scale, kit.shorts)
    else:
        _capsule(canvas, a, b, thickness * scale, colours[colour])


def _torso(
    canvas: NDArray[np.uint8],
    joints: dict[str, FloatArray],
    place: Callable[[FloatArray], tuple[float, float, float]],
    kit: Kit,
    scale: int,
) -> None:
    corners = []
    for height, half in (("hip", 0.15), ("chest", 0.2)):
        row = [
            place(joints[height] + np.array([f, s * half, 0.04]))
            for s in (1, -1)
            for f in (0.1, -0.09)
        ]
        corners += row
    points = np.array([(p[0], p[1]) for p in corners])
    hull = cv2.convexHull(points.astype(np.float32))[:, 0]
    fixed = np.rint(hull * 16).astype(np.int32)
    cv2.fillConvexPoly(canvas, fixed, (*kit.shirt, 255), cv2.LINE_AA, 4)
    if kit.pattern == "stripes" and kit.second is not None:
        mask = np.zeros(canvas.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, fixed, 255, cv2.LINE_8, 4)
        columns = (np.arange(canvas.shape[1]) // max(2, scale // 12)) % 2 == 0
        canvas[(mask > 0) & columns[None]] = (*kit.second, 255)
    hip = place(joints["hip"])
    left, right = place(joints["left_hip"]), place(joints["right_hip"])
    _capsule(canvas, left, right, 0.2 * scale, kit.shorts)
    _capsule(canvas, hip, hip, 0.24 * scale, kit.shorts)


def _head(
    canvas: NDArray[np.uint8], at: tuple, angle: float, skin: RGB, hair: RGB, scale: int
) -> None:
    centre = (round(at[0] * 16), round(at[1] * 16))
    cv2.circle(canvas, centre, round(0.115 * scale * 16), (*skin, 255), -1, cv2.LINE_AA, 4)
    away = np.sin(angle)
    shift = (-0.05 * np.cos(angle) * scale, -(0.045 if away < 0.3 else 0.01) * scale)
    crown = (round((at[0] + shift[0]) * 16), round((at[1] + shift[1]) * 16))
    cv2.circle(canvas, crown, round(0.105 * scale * 16), (*hair, 255), -1, cv2.LINE_AA, 4)
    if away < 0.3:
        face = (
            round((at[0] + 0.03 * np.cos(angle) * scale) * 16),
            round((at[1] + 0.03 * scale) * 16),
        )
        cv2.circle(canvas, face, round(0.09 * scale * 16), (*skin, 255), -1, cv2.LINE_AA, 4)
