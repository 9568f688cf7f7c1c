"""``python -m analysis train representations/image_features --data FILMS_OR_SOCCERNET``: tune a network on snippets.

Films of ``simulate`` and the videos of SoccerNet's layout are told apart by what lies in the folder. The run leaves a
folder that ``python -m analysis features --backbone`` and the setting ``backbones`` take: ``config.json`` and
``model.safetensors``. ``--initial FOLDER/model.safetensors`` begins with a network of one's own, of any kind that
``transformers`` knows, with its ``config.json`` beside it.
"""

from collections.abc import Callable
from dataclasses import replace

import torch

from analysis.core.problems import InputProblem
from analysis.core.records import StageEvent
from analysis.datasets.labelled_videos import FILMS, LabelledVideo, films_in, videos_of_split
from analysis.representations.image_features.extractor import pooled
from analysis.representations.image_features.networks import (
    WEIGHTS_FILE,
    make_model,
    model_of,
    side_of,
)
from analysis.representations.image_features.snippets import (
    SnippetNetwork,
    Snippets,
    SnippetTraining,
    accuracy,
)
from analysis.training.base import TrainingReport, TrainingRequest
from analysis.training.loop import TrainingPlan
from analysis.training.loop import train as run_loop
from analysis.training.memory import keep_freed_memory
from analysis.training.seeds import seed_everything
from analysis.training.weights import save_weights

PLANS = {
    "cpu": TrainingPlan(
        400, batch_size=16, learning_rate=1e-3, bfloat16=True, loader_workers=0, report_every=10
    ),
    # About eight rounds over the events of 300 games; the report says neither how long nor with what.
    "gpu": TrainingPlan(
        20_000, batch_size=64, learning_rate=2e-4, warm_up_steps=1000, bfloat16=True, loader_workers=14,
        mean_decay=0.999, report_every=100,
    ),
}  # fmt: skip
HELD_OUT_EVERY = 4
"""Every so many-th film is held back; with fewer films none is, and the numbers are those of the training films."""


def train(request: TrainingRequest, on_event: Callable[[StageEvent], None]) -> TrainingReport:
    """Tune a network on the snippets of ``request.data``.

    Raises:
        InputProblem: no labelled videos, or a first network that cannot be read.
    """
    keep_freed_memory()
    seed_everything(request.seed)
    training, validation = _videos(request)
    model = model_of(request.initial.parent) if request.initial else make_model(request.preset)
    side_px = side_of(model)
    with torch.inference_mode():
        width = pooled(model.eval(), torch.zeros(1, side_px, side_px, 3)).shape[1]
    network = SnippetNetwork(model, width)
    shown = Snippets(training, side_px, is_training=True, seed=request.seed)
    kept_back = Snippets(validation or training, side_px, is_training=False, seed=request.seed)
    plan = PLANS[request.preset]
    plan = replace(plan, seed=request.seed, steps=max(1, round(plan.steps * request.steps_share)))
    result = run_loop(
        SnippetTraining(network, shown, kept_back),
        plan,
        request.folder,
        device=request.device,
        resume=request.resume,
        on_event=on_event,
    )
    network.load_state_dict(result.weights)
    path = request.folder / WEIGHTS_FILE
    weights = network.cpu().model.state_dict()
    digest = save_weights(weights, path, half=True, notes={"format": "pt"})
    model.config.save_pretrained(request.folder)
    numbers = {f"loss_{name}": value for name, value in result.losses.items()}
    numbers |= accuracy(network.to(request.device), kept_back, request.device)
    return TrainingReport({path: digest}, numbers, result.is_complete)


def _videos(request: TrainingRequest) -> tuple[list[LabelledVideo], list[LabelledVideo]]:
    """(training, validation)."""
    if request.data is None or not request.data.is_dir():
        raise InputProblem(
            "labels_missing",
            "Networks are tuned on labelled videos: with --data name a folder of films of `simulate`, or of SoccerNet.",
        )
    if any(request.data.glob(FILMS)):
        films = list(films_in(request.data))
        held_back = films[HELD_OUT_EVERY - 1 :: HELD_OUT_EVERY]
        return [film for film in films if film not in held_back], held_back
    games = [list(videos_of_split(request.data, split)) for split in ("train", "valid")]
    if not games[0]:
        raise InputProblem(
            "labels_missing",
            f"{request.data.name} holds neither films (match.mp4 and events.csv in a folder each) nor training videos "
            "of SoccerNet (1_224p.mkv beside Labels-v2.json): make or fetch some.",
        )
    return games[0], games[1]
