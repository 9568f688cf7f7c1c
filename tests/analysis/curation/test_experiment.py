"""The replayed experiment, small and whole, from the command line."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analysis.cli.main import main
from analysis.curation.experiment import table
from analysis.synthetic.halves import make_halves


@pytest.fixture(scope="module")
def halves(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("halves")
    list(make_halves(folder, range(11, 13), 4.0))
    return folder


def curate(halves, *more):
    return main(
        ["curate", "--data", str(halves), "--held-out", str(halves), "--steps", "4", "--seeds", "1",
         "--components", "16", *more]
    )  # fmt: skip


def test_it_prints_a_table_and_goes_on_from_what_it_kept(halves, tmp_path, capsys):
    kept = tmp_path / "curves.json"
    drawn = tmp_path / "pictures" / "curves.svg"
    choices = ["--choices", "random,entropy+diversity", "--out", str(kept), "--picture", str(drawn)]
    assert curate(halves, *choices) == 0
    printed = capsys.readouterr().out
    assert "| annotated | random | entropy+diversity |" in printed
    assert "| 40 % |" in printed
    assert "| 100 % |" in printed
    curves = json.loads(kept.read_text())
    assert set(curves) == {"all/0", "random/0", "entropy+diversity/0"}
    assert all(0 <= value <= 100 for own in curves.values() for value in own.values())
    words = {element.text for element in ElementTree.parse(drawn).iter() if element.text}
    assert {"random", "entropy+diversity", "everything annotated", "40 %"} <= words
    kept.write_text(json.dumps({**curves, "all/0": {"1": 77.7}}))
    assert curate(halves, *choices) == 0
    assert "| 100 % | 77.7 | 77.7 |" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--choices", "hunch"], "There is no way of choosing 'hunch'; there are random"),
        (["--spotter", "rules"], "Clips are chosen for a spotter that judges windows"),
    ],
)
def test_what_cannot_be_replayed_is_said(halves, more, words, capsys):
    assert curate(halves, *more) == 1
    assert words in capsys.readouterr().err


def test_a_folder_without_halves_is_said(halves, tmp_path, capsys):
    assert main(["curate", "--data", str(tmp_path), "--held-out", str(halves)]) == 1
    assert "There are no simulated halves" in capsys.readouterr().err


def test_a_table_tells_mean_and_spread_over_seeds():
    curves = {
        "all/0": {"1": 20.0},
        "all/1": {"1": 22.0},
        "random/0": {"0.4": 10.0},
        "random/1": {"0.4": 14.0},
    }
    lines = table(curves).splitlines()
    assert lines[2:] == ["| 40 % | 12.0 ± 2.8 |", "| 100 % | 21.0 ± 1.4 |"]
