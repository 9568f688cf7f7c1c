"""Every method states its limits, and its weights are the ones it says."""

import hashlib
from pathlib import Path

import pytest

from analysis.core.cards import read_card
from analysis.core.registry import FAMILIES
from analysis.core.vocabulary import label_set

ROOT = Path(__file__).resolve().parents[2]
CARDS = sorted((ROOT / "analysis").rglob("card.toml"))
MOST_BYTES = 16 * 1024**2


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_a_card_is_whole(path):
    card = read_card(path)
    assert card.title and card.version and card.limits.strip()
    if card.label_set:
        assert set(card.emits) <= set(label_set(card.label_set).labels)
    for metric in card.metrics:
        assert metric.command, f"{metric.name} was printed by no command"
    assert bool(card.weights) == bool(card.trained_on), (
        "weights come with what they were trained on"
    )


@pytest.mark.parametrize("path", CARDS, ids=lambda path: path.parent.name)
def test_weights_are_the_ones_the_card_names(path):
    named = {weights.file: weights for weights in read_card(path).weights}
    found = {file.name for file in path.parent.glob("*.safetensors")}
    assert found == set(named)
    for name, weights in named.items():
        content = (path.parent / name).read_bytes()
        assert len(content) < MOST_BYTES
        assert hashlib.sha256(content).hexdigest() == weights.sha256
        assert weights.licence


def test_every_card_belongs_to_a_family():
    in_families = {
        (family.package.replace(".", "/"), name)
        for family in FAMILIES.values()
        for name in family.names()
    }
    found = {(str(path.parents[1].relative_to(ROOT)), path.parent.name) for path in CARDS}
    assert found == in_families


def test_no_weights_lie_outside_a_method():
    for pattern in ("*.pt", "*.pth", "*.ckpt", "*.pkl", "*.onnx"):
        assert not list((ROOT / "analysis").rglob(pattern))


def test_nothing_is_unpickled():
    for package in ("analysis", "webapp", "workers"):
        for path in (ROOT / package).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "import pickle" not in text and "allow_pickle=True" not in text, path
            assert "torch.load(" not in text or "weights_only=True" in text, path
