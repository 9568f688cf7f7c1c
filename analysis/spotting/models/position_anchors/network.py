"""People as a set, samples as a sequence: one small network from a scene to dense anchors (algorithms J, on positions).

Each person is described by where he stands on the pitch and how he moves, coded by a small network that all share, and
pooled by team; ball and view join in, and residual blocks of dilated convolutions, most of them on pairs of samples,
look 39 seconds to both sides.
For every sample and class come a confidence, how far away the event lies, and which team's it is.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.core.pitch import PENALTY_MARK_M, STANDARD_PITCH

HALF_LENGTH_M, HALF_WIDTH_M = STANDARD_PITCH.length_m / 2, STANDARD_PITCH.width_m / 2
N_PERSON_FEATURES = 20
N_FRAME_FEATURES = 34
FINE, COARSE = (1, 2), (1, 2, 4, 8, 16, 4, 1)
"""Dilations of the blocks, in samples and in pairs of samples; a last fine block follows."""
REACH = 2 * sum(COARSE) + sum(FINE) + 4
"""Samples that an output looks at to each side, at most."""


class PositionNetwork(nn.Module):
    """Scene in, (B, T, 3, C) out: confidence logits, displacement in reaches (-1..1), logits of "home's".

    Args:
        n_classes: C.
        person_width, width: channels of a person's code and of a sample's.
    """

    def __init__(self, n_classes: int, person_width: int = 48, width: int = 128) -> None:
        super().__init__()
        self.n_classes = n_classes
        self.person = nn.Sequential(
            nn.Linear(N_PERSON_FEATURES, person_width), nn.GELU(),
            nn.Linear(person_width, person_width), nn.GELU(),
        )  # fmt: skip
        self.enter = nn.Linear(3 * person_width + N_FRAME_FEATURES, width)
        self.fine = nn.ModuleList(TemporalBlock(width, dilation) for dilation in FINE)
        self.down = nn.Linear(2 * width, width)
        self.coarse = nn.ModuleList(TemporalBlock(width, dilation) for dilation in COARSE)
        self.up = nn.Linear(width, 2 * width)
        self.last = TemporalBlock(width, 1)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, 3 * n_classes)
        with torch.no_grad():
            # Events are rare: begin with small confidences.
            self.head.bias[:n_classes] = -4.0

    def forward(self, people: Tensor, ball: Tensor, view: Tensor) -> Tensor:
        """People (B, T, N, 8), ball (B, T, 6), view (B, T, 6), columns as in ``scene`` -> (B, T, 3, C)."""
        return self.tell(self.read(people, ball, view))

    def read(self, people: Tensor, ball: Tensor, view: Tensor) -> Tensor:
        """(B, T, W): what a club's own corrections leave as it is."""
        code = self.person(person_features(people, ball, view))  # (B, T, N, W)
        there, side = people[..., 7], people[..., 4]
        groups = torch.stack([there * (side > 0), there * (side < 0), there * (side == 0)], dim=2)
        pooled = (groups.to(code.dtype) @ code).flatten(2) / 8  # (B, T, 3W)
        frame = frame_features(groups.sum(dim=3), ball, view)
        hidden = self.enter(torch.cat([pooled, frame.to(code.dtype)], dim=2))
        return self._in_context(hidden)

    def tell(self, hidden: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, 3, C): the last layers, which corrections may tune."""
        raw = self.head(self.norm(self.last(hidden))).float()
        raw = raw.unflatten(2, (3, self.n_classes))
        return torch.stack([raw[:, :, 0], torch.tanh(raw[:, :, 1]), raw[:, :, 2]], dim=2)

    def _in_context(self, hidden: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, W); an odd last sample makes a pair with zeros."""
        for block in self.fine:
            hidden = block(hidden)
        n_samples = hidden.shape[1]
        even = functional.pad(hidden, (0, 0, 0, n_samples % 2))
        pairs = self.down(even.reshape(len(even), -1, 2 * even.shape[2]))
        for block in self.coarse:
            pairs = block(pairs)
        back = self.up(pairs).reshape(even.shape)
        return hidden + back[:, :n_samples]


class TemporalBlock(nn.Module):
    """Norm, a convolution of three samples ``dilation`` apart, and a second layer, added to the input."""

    def __init__(self, width: int, dilation: int) -> None:
        super().__init__()
        self.dilation = dilation
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(3 * width, width)
        self.out = nn.Linear(width, width)
        nn.init.zeros_(self.out.bias)
        with torch.no_grad():
            self.out.weight *= 0.3

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, T, W) -> (B, T, W); beyond the ends are zeros."""
        d, n_samples = self.dilation, hidden.shape[1]
        padded = functional.pad(self.norm(hidden), (0, 0, d, d))
        near = [padded[:, k : k + n_samples] for k in (0, d, 2 * d)]
        mixed = functional.gelu(self.mix(torch.cat(near, dim=2)))
        return hidden + self.out(mixed)


def person_features(people: Tensor, ball: Tensor, view: Tensor) -> Tensor:
    """(B, T, N, 20) of a person: place, nearness to lines and spots, motion, side, place beside ball and view."""
    x, y, vx, vy, side, keeper, moves, there = people.unbind(dim=3)
    ball_x, ball_y, _, _, _, ball_age = (column[..., None] for column in ball.unbind(dim=2))
    fresh = torch.exp(-ball_age)
    from_ball_x, from_ball_y = x - ball_x, y - ball_y
    to_ball = torch.hypot(from_ball_x, from_ball_y)
    features = [
        x / HALF_LENGTH_M, y / HALF_WIDTH_M, *_landmarks(x, y), side, side * side, keeper,
        vx / 5, vy / 5, torch.hypot(vx, vy) / 5, moves,
        (from_ball_x / 10).clamp(-2, 2) * fresh, (from_ball_y / 10).clamp(-2, 2) * fresh,
        torch.exp(-to_ball / 3) * fresh, ((x - view[..., 1:2]) / 30).clamp(-2, 2), there,
    ]  # fmt: skip
    return torch.stack(features, dim=3) * there[..., None]


def frame_features(counts: Tensor, ball: Tensor, view: Tensor) -> Tensor:
    """(B, T, 34) of a sample: how many people of each group, ball, view."""
    x, y, vx, vy, known, age = ball.unbind(dim=2)
    fresh = torch.exp(-age / 2)
    speed = torch.hypot(vx, vy)
    beyond_line, beyond_touch = x.abs() - HALF_LENGTH_M, y.abs() - HALF_WIDTH_M
    of_ball = [
        x / HALF_LENGTH_M, y / HALF_WIDTH_M, *_landmarks(x, y),
        torch.sigmoid(beyond_line * 3), torch.sigmoid(beyond_touch * 3),
        torch.exp(-torch.hypot(beyond_line, y / 2) / 4), vx / 15, vy / 15, speed / 15,
        torch.exp(-speed),
    ]  # fmt: skip
    ball_features = torch.stack(of_ball, dim=2) * fresh[..., None]
    calibrated, look_x, look_y, left_x, right_x, view_age = view.unbind(dim=2)
    trusted = torch.exp(-view_age / 3)
    of_view = torch.stack(
        [
            calibrated, view_age / 10, trusted * look_x / 50, trusted * look_y / 30,
            trusted * left_x / 50, trusted * right_x / 50, trusted * (right_x - left_x) / 60,
        ],
        dim=2,
    )  # fmt: skip
    own = torch.stack([known, age / 10], dim=2)
    people = torch.cat([counts / 11, (counts / 11) ** 2, counts.sum(2, keepdim=True) / 22], dim=2)
    return torch.cat([ball_features, own, of_view, people, (counts == 0).to(people.dtype)], dim=2)


def _landmarks(x: Tensor, y: Tensor) -> list[Tensor]:
    """Six values that are large near lines, corners, centre spot, penalty mark and goal."""
    along, across = x.abs() - HALF_LENGTH_M, y.abs() - HALF_WIDTH_M
    mark = HALF_LENGTH_M - PENALTY_MARK_M
    return [
        (along / 6).clamp(-2, 1),
        (across / 3).clamp(-2, 1),
        torch.exp(-torch.hypot(along, across) / 3),
        torch.exp(-torch.hypot(x, y) / 2.5),
        torch.exp(-torch.hypot(x.abs() - mark, y) / 2.5),
        torch.exp(-torch.hypot(along, y / 1.5) / 5),
    ]
