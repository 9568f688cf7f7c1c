"""``python -m analysis train replays/calf_more_negative --data HALVES``."""

from analysis.replays.context_aware_training import CalfTraining
from analysis.replays.learning import Tell, train_grounder
from analysis.replays.models.calf_more_negative import WEIGHTS_FILE
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan

POSITIVE, SAME = 0.2, 0.2
PLANS = {
    "cpu": TrainingPlan(
        350, batch_size=32, learning_rate=1e-3, weight_decay=0.0, optimiser="adam", mean_decay=0.98,
        loader_workers=0,
    ),
    "gpu": TrainingPlan(
        6000, batch_size=32, learning_rate=1e-3, weight_decay=0.0, optimiser="adam", mean_decay=0.99
    ),
}  # fmt: skip


def train(request: TrainingRequest, on_event: Tell) -> TrainingReport:
    """Train on simulated halves."""
    return train_grounder(
        lambda queries, held: CalfTraining(queries, held, POSITIVE, SAME),
        PLANS[request.preset], WEIGHTS_FILE, request, on_event,
    )  # fmt: skip
