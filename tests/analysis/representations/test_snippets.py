"""Snippets: what is cut out, a network that learns eight by heart, what is left of it, and both kinds of material."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from analysis.cli.main import main
from analysis.core.problems import InputProblem
from analysis.core.records import Frame
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.datasets.labelled_videos import LabelledVideo, films_in, videos_of_split
from analysis.representations import image_features
from analysis.representations.image_features.extractor import pooled, sliding
from analysis.representations.image_features.networks import SHAPES, make_model
from analysis.representations.image_features.snippets import (
    BACKGROUND,
    N_PICTURES,
    Snippet,
    SnippetNetwork,
    Snippets,
    SnippetTraining,
    snippets_of,
)
from analysis.synthetic.match import at_film_rate, simulate_match
from analysis.synthetic.truth import to_files
from analysis.training.loop import TrainingPlan, train

OUT = SOCCERNET_V2.index("Ball out of play")
TINY = [8, 8, 8, 16]


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Forty seconds and a fifth at two and a half pictures a second."""
    folder = tmp_path_factory.mktemp("films")
    to_files(at_film_rate(simulate_match(12, 0.67, (96, 64)), 2.5), folder / "one")
    return folder


@pytest.fixture(scope="module")
def games(films, tmp_path_factory):
    """A miniature of SoccerNet's layout: one game to learn from, one to validate on."""
    root = tmp_path_factory.mktemp("SoccerNet")
    for split, game in (("train", "a/b/one"), ("valid", "a/b/two")):
        (root / f"{split}.txt").write_text(game + "\n")
        folder = root / game
        folder.mkdir(parents=True)
        shutil.copy(films / "one" / "match.mp4", folder / "1_224p.mkv")
        shutil.copy(films / "one" / "Labels-v2.json", folder)
    return root


def test_every_shown_event_has_its_snippet_and_the_background_is_clear_of_events():
    nothing = [np.zeros(0, np.int64)] * 17
    times = [*nothing[:OUT], np.array([20_000, 60_000, 99_000]), *nothing[OUT + 1 :]]
    shown = [np.ones(len(own), bool) for own in times]
    shown[OUT][1] = False
    video = LabelledVideo("one", None, times, shown)
    found = snippets_of([video], [90_000], seed=3)
    assert [one for one in found if one.label != BACKGROUND] == [Snippet(0, 20_000, OUT)]
    (background,) = [one for one in found if one.label == BACKGROUND]
    # Clear of the event that was not shown, too.
    assert min(abs(background.middle_ms - ms) for ms in (20_000, 60_000)) > 5_000
    assert found == snippets_of([video], [90_000], seed=3)


def test_a_snippet_is_five_seconds_round_its_event(films):
    (video,) = films_in(films)
    snippets = Snippets([video], 32, is_training=False, seed=0)
    first = snippets.example(0, 0)
    assert first["pictures"].shape == (N_PICTURES, 32, 32, 3)
    assert first["pictures"].dtype == torch.uint8
    assert first["pictures"].float().std() > 5
    # Training pictures are mirrored and lit by their seed, and by nothing else.
    training = Snippets([video], 32, is_training=True, seed=0)
    one, again, other = (training.example(0, seed)["pictures"] for seed in (1, 1, 2))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def tiny_network():
    import transformers

    torch.manual_seed(0)
    config = transformers.ResNetConfig(
        embedding_size=8, hidden_sizes=TINY, depths=[1, 1, 1, 1], layer_type="basic"
    )
    network = SnippetNetwork(transformers.ResNetModel(config), TINY[-1])
    network.dropout.p = 0.0
    return network


def test_eight_snippets_are_learned_by_heart(films, tmp_path):
    (video,) = films_in(films)
    snippets = Snippets([video], 32, is_training=False, seed=0)
    own = [replace(snippets.snippets[0], middle_ms=4_000 * k + 3_000, label=k) for k in range(8)]
    snippets.snippets = own
    plan = TrainingPlan(
        60, batch_size=8, learning_rate=1e-2, warm_up_steps=5, mean_decay=0.8, loader_workers=0
    )
    training = SnippetTraining(tiny_network(), snippets, snippets)
    first = training.loss(tiny_network(), _batch(snippets))["total"].item()
    result = train(training, plan, tmp_path)
    network = tiny_network()
    network.load_state_dict(result.weights)
    after = training.loss(network.train(), _batch(snippets))
    assert after["total"].item() < 0.3 * first
    assert after["right"] == 1


def _batch(snippets):
    examples = [snippets.example(k, 0) for k in range(len(snippets))]
    return {name: torch.stack([one[name] for one in examples]) for name in ("pictures", "label")}


@pytest.mark.parametrize("material", ["films", "games"])
def test_the_command_tunes_a_network_that_the_extractor_reads(material, request, tmp_path, capsys):
    folder = request.getfixturevalue(material)
    out = tmp_path / "run"
    begin = ["train", "representations/image_features", "--data", str(folder), "--out", str(out)]
    assert main([*begin, "--steps-share", "0.003"]) == 0
    told = capsys.readouterr().out
    assert "top_1" in told
    assert "model.safetensors sha256" in told
    assert json.loads((out / "config.json").read_text())["picture_side_px"] == 112
    # Save, load, the same: what the folder says equals what the network said.
    extractor = image_features.build(image_features.Settings(backbones=str(out)))
    rng = np.random.default_rng(0)
    frame = Frame(0, 0, rng.integers(0, 255, (112, 112, 3)).astype(np.uint8))
    (row,) = extractor.describe([frame]).values
    model = extractor.backbones[0].model
    with torch.inference_mode():
        expected = pooled(model, torch.from_numpy(frame.image)[None])[0].numpy()
    np.testing.assert_allclose(row, expected, rtol=1e-5)
    # It goes on where it stopped, and a run may begin with another's network.
    assert main([*begin, "--steps-share", "0.005", "--resume"]) == 0
    steps = [json.loads(line)["step"] for line in (out / "log.jsonl").read_text().splitlines()]
    assert steps == [1, 2]
    again = ["--initial", str(out / "model.safetensors"), "--out", str(tmp_path / "second")]
    assert main([*begin[:-2], *again, "--steps-share", "0.003"]) == 0


def test_rows_slide_over_the_video_once_a_second(films, tmp_path, capsys):
    make_model("cpu").save_pretrained(tmp_path)
    video = str(films / "one" / "match.mp4")
    begin = ["features", video, "--out", str(tmp_path), "--backbone", str(tmp_path), "--rate", "1"]
    assert main([*begin, "--window", "-5"]) == 1
    assert "--window is 0 s or more" in capsys.readouterr().err
    own = [*begin, "--window", "5"]
    assert main(own) == 0
    rows = np.load(tmp_path / "match.npy")
    assert rows.shape == (41, SHAPES["cpu"][0][-1])
    assert np.isfinite(rows).all()
    assert "41 rows" in capsys.readouterr().out


def test_a_row_of_a_window_is_the_mean_round_its_moment():
    rows = np.arange(8, dtype=np.float32)[:, None]
    found = sliding(rows, [500 * k for k in range(8)], rate_hz=1.0, window_s=2.0)
    # Round 0 s: 0, 0.5 and 1 s; round 1 s: 0 to 2 s; round 3 s: 2 to 3.5 s.
    np.testing.assert_allclose(found[:, 0], [1.0, 2.0, 4.0, 5.5])
    assert sliding(rows[:0], [], rate_hz=1.0, window_s=2.0).shape == (0, 1)


def test_the_bundled_network_tells_different_pictures_apart():
    extractor = image_features.build(image_features.Settings(rate_hz=2.0))
    rng = np.random.default_rng(0)
    grass = np.full((90, 160, 3), (60, 130, 60), np.uint8)
    stand = rng.integers(0, 255, (90, 160, 3)).astype(np.uint8)
    first, second, third = extractor.describe(
        [Frame(k * 500, k, image) for k, image in enumerate((grass, stand, grass))]
    ).values
    assert first.shape == (SHAPES["cpu"][0][-1],)
    assert np.abs(first - second).max() > 0.1
    np.testing.assert_allclose(first, third, atol=1e-5)


def test_the_published_preset_gives_2048_numbers():
    # The Baidu report, table 1 (algorithms H.1): 2048 numbers of the networks on ResNet-101; He et al. 2016: ResNet-101
    # has 44.5 million parameters, of which the classifier of 1000 classes takes 2.05.
    model = make_model("gpu")
    n_parameters = sum(value.numel() for value in model.parameters())
    assert (n_parameters + 2_049_000) / 1e6 == pytest.approx(44.55, abs=0.01)
    assert model.config.hidden_sizes[-1] == 2048


def test_what_cannot_be_learned_from_is_said(tmp_path, capsys, films):
    train_on = ["train", "representations/image_features", "--out", str(tmp_path / "run"), "--data"]
    assert main([*train_on, str(tmp_path / "nowhere")]) == 1
    assert "name a folder of films" in capsys.readouterr().err
    (tmp_path / "train.txt").write_text("no/such/game\n")
    (tmp_path / "valid.txt").write_text("")
    assert main([*train_on, str(tmp_path)]) == 1
    assert "holds neither films" in capsys.readouterr().err
    (video,) = films_in(films)
    silent = replace(video, event_ms=[np.zeros(0, np.int64)] * 17, event_shown=[np.zeros(0, bool)] * 17)  # fmt: skip
    with pytest.raises(InputProblem, match="None of these videos shows an event"):
        Snippets([silent], 32, is_training=False, seed=0)
    with pytest.raises(ValueError, match="window_s is 0 s or more"):
        image_features.Settings(window_s=-1)


def test_games_have_their_halves_and_splits(games):
    (half,) = videos_of_split(games, "train")
    assert half.name == "a/b/one/1"
    assert half.path.name == "1_224p.mkv"
    assert sum(map(len, half.event_ms)) >= 1
    with pytest.raises(InputProblem, match="no split"):
        list(videos_of_split(games, "sideways"))
