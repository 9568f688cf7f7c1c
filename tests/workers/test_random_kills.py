"""Random ``kill -9`` of worker, child, broker and database; ``RANDOM_KILLS=100`` is what the documentation shows."""

import os
import subprocess
import sys

import pytest

from tests.workers.live import ROOT

N_RUNS = int(os.environ.get("RANDOM_KILLS", "4"))


@pytest.mark.slow
def test_every_analysis_survives_one_kill():
    command = [sys.executable, "-m", "tests.workers.random_kills", str(N_RUNS)]
    assert subprocess.run(command, cwd=ROOT, check=False).returncode == 0
