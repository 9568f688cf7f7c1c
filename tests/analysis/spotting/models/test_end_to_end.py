"""Spotters on pixels, sound and entities: published sizes, and training from films on the command line."""

from functools import partial

import numpy as np
import pytest
import torch

from analysis.cli.main import main
from analysis.core.problems import InputProblem
from analysis.spotting.films import read_films
from analysis.spotting.learned import Shape
from analysis.spotting.learning import built_stream
from analysis.spotting.models.audiovid.network import AudioVid
from analysis.spotting.models.comedian.network import SIZES, PairEncoder
from analysis.spotting.models.comedian.stages import relational_loss
from analysis.spotting.models.e2e_spot.network import PictureTrunk
from analysis.spotting.models.uglf.network import Uglf
from analysis.synthetic.match import at_film_rate, simulate_match
from analysis.synthetic.truth import to_files
from analysis.temporal.gate_shift import GateShift


def n_parameters(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("size", "millions", "width"), [("200mf", 2.794, 368), ("800mf", 5.494, 768)]
)
def test_trunks_are_the_published_ones_and_gates_come_on_top(size, millions, width):
    # Radosavovic et al. 2020: RegNetY-200MF has 3.2 and 800MF 6.3 million, of which the classifier of 1000 classes
    # takes 0.37 and 0.77.
    trunk = PictureTrunk(size)
    gates = sum(
        n_parameters(shift.norm) + n_parameters(shift.gate)
        for shift in trunk.modules()
        if isinstance(shift, GateShift)
    )
    assert (n_parameters(trunk) - gates) / 1e6 == pytest.approx(millions, abs=0.001)
    assert trunk.n_channels == width
    assert gates < 0.02 * n_parameters(trunk)


def test_the_spatial_part_is_a_vit_tiny():
    # Dosovitskiy et al. 2021, Touvron et al. 2021: 5.7 million with a classifier of 0.19 million; tubes of two pictures
    # have twice the patch weights.
    encoder = PairEncoder(SIZES["published"])
    tubes = n_parameters(encoder.tubes)
    assert (n_parameters(encoder) - tubes / 2 + 0.193e6) / 1e6 == pytest.approx(5.7, abs=0.05)


def test_uglf_keeps_what_it_looked_at():
    torch.manual_seed(0)
    network = Uglf(10, 8, 17, "small").eval()
    features, nodes = torch.randn(1, 6, 10), torch.randn(1, 6, 9, 8)
    counts = torch.tensor([[9, 4, 1, 2, 9, 3]])
    share, kept = network.looked_at(features, nodes, counts)
    assert share.shape == kept.shape == (1, 6, 9)
    assert (kept.sum(dim=2) >= 1).all()
    assert (kept.sum(dim=2) <= counts).all()
    assert network(features, nodes, counts).shape == (1, 6, 18)


def test_sound_alone_is_not_enough_for_audiovid():
    with pytest.raises(InputProblem, match="features of pictures and 3200 numbers of sound"):
        AudioVid(3200, 17)


def test_the_relational_loss_is_least_where_student_and_teacher_agree():
    rows = torch.nn.functional.normalize(
        torch.randn(6, 8, generator=torch.Generator().manual_seed(0)), dim=1
    )
    others = torch.nn.functional.normalize(
        torch.randn(20, 8, generator=torch.Generator().manual_seed(1)), dim=1
    )
    agree = relational_loss(rows, rows, others, 0.1, 0.07, 0.5)
    assert agree < relational_loss(-rows, rows, others, 0.1, 0.07, 0.5)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """Twenty seconds at two pictures a second, with sound."""
    folder = tmp_path_factory.mktemp("films")
    to_files(at_film_rate(simulate_match(12, 0.34, (128, 72)), 2.5), folder / "one")
    return folder


def test_films_are_read_with_their_events_pictures_and_sound(films):
    shape = Shape(branch="frames", branch_stream="small_frames", size="small")
    (half,) = read_films(
        films, shape, {"small_frames": {"width_px": 64, "height_px": 36}}, built_stream
    )
    assert half.inputs.branch.images.shape[1:] == (36, 64, 3)
    assert half.inputs.branch.images.std() > 5
    assert len(half.inputs) == pytest.approx(41, abs=2)
    assert sum(map(len, half.event_ms)) >= 1, "a kick-off at least"
    times = np.concatenate(half.event_ms)
    rows = np.concatenate(half.event_frames)
    assert np.abs(half.inputs.times_ms[rows] - times).max() <= 600
    heard = Shape(features=("log_mel",))
    (half,) = read_films(films, heard, {}, built_stream)
    assert half.inputs.features.shape[1] == 3200
    assert half.inputs.features.max() > 1


@pytest.mark.slow
def test_end_to_end_spotters_train_from_films(films, tmp_path, capsys):
    train = partial(_train, films, tmp_path)
    assert train("e2e_spot") == 0
    assert train("comedian", "--part", "spatial") == 0
    first = tmp_path / "comedian" / "spatial.safetensors"
    assert train("comedian", "--initial", str(first)) == 0
    np.save(
        films / "one" / "bank.npy",
        np.random.default_rng(0).normal(size=(41, 32)).astype(np.float32),
    )
    capsys.readouterr()
    assert train("comedian", "--part", "sideways") == 1
    assert "There is no part 'sideways'" in capsys.readouterr().err


def _train(films, folder, name, *more):
    out = ["--out", str(folder / name), "--steps-share", "0.003"]
    return main(["train", f"spotting/{name}", "--data", str(films), *out, *more])


def test_a_film_without_events_is_said(films, tmp_path):
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "match.mp4").write_bytes((films / "one" / "match.mp4").read_bytes())
    shape = Shape(branch="frames", branch_stream="small_frames")
    with pytest.raises(InputProblem, match=r"no events\.csv beside it"):
        list(read_films(tmp_path, shape, {}, built_stream))
