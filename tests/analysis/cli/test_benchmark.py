import pytest

from analysis.cli import benchmark
from analysis.cli.main import main


@pytest.fixture
def benchmarks(tmp_path, monkeypatch):
    """A package with one benchmark that counts files."""
    package = tmp_path / "trial_benchmarks"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "file_count.py").write_text(
        "def measure(data): return f'{len(list(data.iterdir()))} files'\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(benchmark, "PACKAGE", "trial_benchmarks")


def test_a_benchmark_writes_a_page_with_its_command(benchmarks, tmp_path):
    data, out = tmp_path / "data", tmp_path / "pages"
    data.mkdir()
    assert main(["benchmark", "file_count", "--data", str(data), "--out", str(out)]) == 0
    page = (out / "file_count.md").read_text()
    assert page.startswith("# File count\n\n`python -m analysis benchmark file_count` at commit ")
    assert page.endswith("0 files\n")
    (out / "file_count.md").unlink()
    assert main(["benchmark", "--data", str(data), "--out", str(out)]) == 0
    assert (out / "file_count.md").exists()


def test_missing_material_is_said(benchmarks, tmp_path, capsys):
    assert (
        main(["benchmark", "--data", str(tmp_path / "nothing"), "--out", str(tmp_path / "o")]) == 1
    )
    assert "no folder" in capsys.readouterr().err and not (tmp_path / "o").exists()


def test_the_real_ones_are_found():
    assert "real_clips" in benchmark.benchmark_names()
