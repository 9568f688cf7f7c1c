"""The two stages before the last: pictures learn to know themselves, then to say what another network says (L.1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from analysis.spotting.learned import Shape
from analysis.spotting.models.comedian.network import METHOD, PAIR, Comedian, ComedianMethod

MASKED_SHARE = 0.25
MOMENTUM = 0.99
QUEUE = 1024


def relational_loss(
    student: Tensor, teacher: Tensor, others: Tensor, student_heat: float, teacher_heat: float, share: float
) -> Tensor:  # fmt: skip
    """Soft contrastive loss (SCE): the student's likeness to others shall be the teacher's, and the pair shall match.

    Args:
        student, teacher: (N, D) of length 1, row by row of the same thing.
        others: (M, D) of length 1.
        student_heat, teacher_heat: temperatures.
        share: of the plain contrastive target; the rest is the teacher's likeness to the others.

    Returns:
        Mean over rows.
    """
    n_rows = len(student)
    own = (student * teacher).sum(dim=1, keepdim=True)
    logits = torch.cat([own, student @ others.T], dim=1) / student_heat
    likeness = (teacher @ others.T / teacher_heat).softmax(dim=1)
    target = torch.cat([likeness.new_full((n_rows, 1), share), (1 - share) * likeness], dim=1)
    return -(target * logits.log_softmax(dim=1)).sum(dim=1).mean()


class SpatialStudent(Comedian):
    """A network whose spatial part learns from a slow teacher, with a queue of what the teacher said before."""

    queue: Tensor

    def __init__(self, n_classes: int, size: str) -> None:
        super().__init__(n_classes, size)
        self.teacher = type(self.spatial)(self.spatial.size)
        self.teacher.load_state_dict(self.spatial.state_dict())
        self.teacher.requires_grad_(requires_grad=False)
        queue = torch.randn(QUEUE, self.projection.out_features)
        self.register_buffer("queue", functional.normalize(queue, dim=1))

    def answers(self, views: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, H, W, 3) -> what student and teacher say of each pair, two disturbed views of it: (B T / 2, 512)."""
        project = self.projection
        student = project(self.spatial(disturbed(views))).flatten(0, 1)
        with torch.no_grad():
            teacher = project(self.teacher(disturbed(views))).flatten(0, 1)
        return functional.normalize(student.float(), dim=1), functional.normalize(
            teacher.float(), dim=1
        )

    @torch.no_grad()
    def follow(self, teacher: Tensor) -> None:
        """Move the teacher's weights towards the student's, and its answers into the queue."""
        pairs = zip(self.teacher.parameters(), self.spatial.parameters(), strict=True)
        for slow, fast in pairs:
            slow.lerp_(fast, 1 - MOMENTUM)
        self.queue.copy_(torch.cat([teacher, self.queue])[:QUEUE])


def disturbed(views: Tensor) -> Tensor:
    """Each clip mirrored or not, brighter or darker, a part of it alone."""
    views = views.float()
    height, width = views.shape[2:4]
    answers = []
    for clip in views:
        keep = 0.6 + 0.4 * torch.rand(()).item()
        rows, columns = max(1, int(keep * height)), max(1, int(keep * width))
        top = int(torch.randint(height - rows + 1, ()))
        left = int(torch.randint(width - columns + 1, ()))
        part = clip[:, top : top + rows, left : left + columns].permute(0, 3, 1, 2)
        part = functional.interpolate(part, (height, width), mode="nearest").permute(0, 2, 3, 1)
        part = part.flip(2) if torch.rand(()) < 0.5 else part
        answers.append((part * (0.7 + 0.6 * torch.rand(()).item())).clamp(0, 255))
    return torch.stack(answers)


@dataclass(frozen=True)
class SpatialStage(ComedianMethod):
    """Stage 1."""

    def network(self, shape: Shape) -> nn.Module:
        """Student and teacher."""
        return SpatialStudent(len(shape.labels), shape.size)

    def loss(self, network: Any, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Soft contrastive, temperatures 0.1 and 0.07."""
        student, teacher = network.answers(batch["views"])
        # The queue moves on below: the loss keeps what it compared with.
        others = network.queue.clone()
        loss = relational_loss(student, teacher, others, 0.1, 0.07, share=0.5)
        if network.training:
            network.follow(teacher)
        return {"total": loss}


@dataclass(frozen=True)
class DistillingStage(ComedianMethod):
    """Stage 2: tokens, a quarter of their pairs hidden, say what the feature bank says."""

    def loss(self, network: Any, batch: Mapping[str, Any]) -> dict[str, Tensor]:
        """Soft contrastive among the tokens of the batch, temperatures 0.1 and 0.05."""
        views, bank = batch["views"], batch["features"]
        n_batch, n_frames = views.shape[:2]
        is_masked = torch.rand(n_batch, n_frames // PAIR, device=views.device) < MASKED_SHARE
        tokens = network.projection(network.tokens(views, is_masked)).float().flatten(0, 1)
        if bank.shape[-1] > tokens.shape[-1]:
            raise ValueError("the feature bank is wider than the projection; reduce it first")
        wanted = bank.unflatten(1, (-1, PAIR)).mean(dim=2).flatten(0, 1).float()
        wanted = functional.pad(wanted, (0, tokens.shape[-1] - wanted.shape[-1]))
        student, teacher = functional.normalize(tokens, dim=1), functional.normalize(wanted, dim=1)
        return {"total": relational_loss(student, teacher, teacher, 0.1, 0.05, share=0.5)}


def _stage(kind: type[ComedianMethod]) -> ComedianMethod:
    return kind(METHOD.make, METHOD.clip_rows, METHOD.plans, radius_rows=1)


STAGES = {"spatial": _stage(SpatialStage), "distil": _stage(DistillingStage)}
