"""A video is probed once as long as its file stays the same."""

import numpy as np
import pytest

from analysis.core.artifacts import ArtifactStore
from analysis.core.problems import InputProblem
from analysis.pipeline import tools
from analysis.pipeline.tools import Progress, probed
from analysis.video.encode import FilmWriter


def write_film(path, n_pictures):
    with FilmWriter(path, (320, 180), 25) as film:
        for i in range(n_pictures):
            film.write(np.full((180, 320, 3), i, np.uint8), 40 * i)


def test_a_file_is_probed_again_only_when_it_changed(tmp_path, monkeypatch):
    calls, probe = [], tools.probe
    monkeypatch.setattr(tools, "probe", lambda *a, **k: (calls.append(a), probe(*a, **k))[1])
    store, progress = ArtifactStore(tmp_path / "store"), Progress(lambda event: None)
    film = tmp_path / "film.mp4"
    write_film(film, 25)
    (first,), (again,) = (probed([film], store, progress) for _ in range(2))
    assert first == again and len(calls) == 1
    film.unlink()
    with pytest.raises(InputProblem):
        probed([film], store, progress)
    write_film(film, 50)
    (other,) = probed([film], store, progress)
    assert other.sha256 != first.sha256 and other.duration_ms > first.duration_ms
