"""Weights come back as they were, and a file that is not the card's is refused in a sentence."""

import pytest
import torch

from analysis.core.problems import InputProblem
from analysis.training.weights import load_weights, save_weights, sha256_of


def test_saved_weights_come_back(tmp_path):
    tensors = {"a": torch.randn(3, 2), "count": torch.tensor(7)}
    digest = save_weights(tensors, tmp_path / "w.safetensors")
    assert digest == sha256_of(tmp_path / "w.safetensors")
    torch.testing.assert_close(load_weights(tmp_path / "w.safetensors", sha256=digest), tensors)


def test_half_precision_is_read_as_floats(tmp_path):
    save_weights({"a": torch.tensor([0.5, 3.0])}, tmp_path / "w.safetensors", half=True)
    assert load_weights(tmp_path / "w.safetensors")["a"].dtype == torch.float32


def test_nothing_half_written_is_left(tmp_path):
    save_weights({"a": torch.zeros(1)}, tmp_path / "w.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


@pytest.mark.parametrize(
    ("content", "digest", "code"),
    [
        (None, None, "weights_missing"),
        (b"not weights", None, "weights_unreadable"),
        (b"not weights", "0" * 64, "weights_changed"),
    ],
)
def test_wrong_files_are_refused(tmp_path, content, digest, code):
    path = tmp_path / "w.safetensors"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputProblem) as caught:
        load_weights(path, sha256=digest)
    assert caught.value.code == code
    assert caught.value.sentence.endswith(".")
