"""``evaluate spotting`` reads folders and zips alike and refuses what it cannot pair, in one sentence."""

import json
import zipfile

import pytest

from analysis.cli.main import main
from tests.analysis.metrics.test_spotting import GAME_1, GAME_2, write_games

GAMES = {"league/season/game 1": GAME_1, "league/season/game 2": GAME_2}


@pytest.fixture
def games(tmp_path):
    write_games(tmp_path / "games", GAMES)
    return tmp_path / "games"


def zipped(folder, target, prefix=""):
    with zipfile.ZipFile(target, "w") as archive:
        for path in folder.rglob("*.json"):
            archive.write(path, prefix + path.relative_to(folder).as_posix())
    return target


def run(capsys, *arguments):
    status = main(["evaluate", "spotting", *map(str, arguments)])
    return status, capsys.readouterr()


def test_folder_zip_and_zip_with_a_top_folder_agree(capsys, games, tmp_path):
    reports = []
    for predictions in (
        games,
        zipped(games, tmp_path / "a.zip"),
        zipped(games, tmp_path / "b.zip", "test/"),
    ):
        status, printed = run(capsys, "--labels", games, "--predictions", predictions)
        assert status == 0
        reports.append(json.loads(printed.out))
    assert reports[0] == reports[1] == reports[2]
    assert reports[0]["average_map"] == pytest.approx(0.2761302868, abs=1e-9)
    assert reports[0]["per_class"]["Corner"] == 1.0


def test_a_single_file_each_is_one_game(capsys, games):
    folder = games / "league/season/game 1"
    status, printed = run(
        capsys,
        "--labels",
        folder / "Labels-v2.json",
        "--predictions",
        folder / "results_spotting.json",
    )
    assert status == 0
    assert json.loads(printed.out)["games"] == 1


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda g: (g / "league/season/game 2/results_spotting.json").unlink(), "game 2"),
        (lambda g: (g / "league/season/game 2/Labels-v2.json").write_text("{"), "not JSON"),
        (lambda g: (g / "league/season/game 2/Labels-v2.json").write_text("[]"), "annotations"),
        (
            lambda g: (g / "league/season/game 2/results_spotting.json").write_text(
                '{"predictions": [{"half": 1}]}'
            ),
            "cannot be read",
        ),
    ],
)
def test_bad_input_gets_one_sentence(capsys, games, break_it, words):
    break_it(games)
    status, printed = run(capsys, "--labels", games, "--predictions", games)
    assert status == 1
    assert printed.out == ""
    assert words in printed.err
    assert printed.err.count("\n") == 1
