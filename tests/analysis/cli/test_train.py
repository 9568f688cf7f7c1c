"""`python -m analysis train`: wrong names and missing material are told in a sentence, weights are installed whole."""

import pytest

from analysis.cli import train
from analysis.cli.main import main
from analysis.core.problems import InputProblem


@pytest.mark.parametrize("method", ["calibration/no_such", "calibration", "astrology/pisces"])
def test_an_unknown_method_is_one_sentence(method, tmp_path, capsys):
    assert main(["train", method, "--out", str(tmp_path / "run")]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_a_method_without_weights_does_not_learn(tmp_path, capsys):
    assert main(["train", "localization/grass_blobs", "--out", str(tmp_path / "run")]) == 1
    assert "nothing to train" in capsys.readouterr().err


@pytest.mark.parametrize("fold", ["3", "0/3", "4/3", "1/1"])
def test_a_wrong_fold_is_a_wrong_argument(fold):
    try:
        status = main(["train", "calibration/line_fit", "--fold", fold])
    except SystemExit as stopped:
        status = stopped.code
    assert status == 2


def test_installing_replaces_file_and_digest(tmp_path):
    folder = tmp_path / "method"
    folder.mkdir()
    (folder / "card.toml").write_text('[[weights]]\nfile = "w.safetensors"\nsha256 = "00ff"\n')
    source = tmp_path / "w.safetensors"
    source.write_bytes(b"new weights")
    train._install(source, "abc123", folder)
    assert (folder / "w.safetensors").read_bytes() == b"new weights"
    assert 'sha256 = "abc123"' in (folder / "card.toml").read_text()
    assert sorted(path.name for path in folder.iterdir()) == ["card.toml", "w.safetensors"]


def test_a_card_that_names_no_such_file_is_told(tmp_path):
    folder = tmp_path / "method"
    folder.mkdir()
    (folder / "card.toml").write_text('title = "x"\n')
    source = tmp_path / "w.safetensors"
    source.write_bytes(b"new weights")
    with pytest.raises(InputProblem):
        train._install(source, "abc123", folder)
    assert not (folder / "w.safetensors").exists()
