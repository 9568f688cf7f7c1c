"""Every real clip through the recipe `broadcast`; answers are kept, so that a second call goes on."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.benchmarks._analyse import analyse
from analysis.benchmarks._clip_cuts import MAIN_CAMERA
from analysis.benchmarks.real_clips import clips_in, figures_of
from analysis.core.artifacts import ArtifactStore
from analysis.pipeline.recipe import load_recipe

RECIPE = "broadcast"
_COLUMNS = (
    "clip", "main camera", "verdict", "calibrated", "passed over", "shots", "replays", "events", "core s",
)  # fmt: skip


def section(data: Path, folder: Path, digest: str) -> str:
    """A row a clip; ``digest`` names the weights that answers were kept for."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    total_s = 0.0
    for path in clips_in(data):
        found = answer(path, folder, digest)
        total_s += found["core_s"]
        cells = [
            path.stem, "yes" if path.stem in MAIN_CAMERA else "no", found["verdict"], f"{found['calibrated']:.0%}",
            f"{found['passed_over']:.0%}", found["shots"], found["replays"], found["events"], f"{found['core_s']:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(
        [
            "## Real clips",
            "",
            "Every clip through `broadcast`; the page of real clips has the default recipe. Clips of five seconds "
            "begin and end anywhere, so that few have two wipes. High cameras behind a goal are other cameras here "
            "and nothing of them is measured; the default recipe measures such films as a whole.",
            "",
            *lines,
            "",
            f"In all {total_s:.0f} processor seconds; networks and banks are loaded anew for every clip.",
        ]
    )


def answer(path: Path, folder: Path, digest: str) -> dict[str, Any]:
    """What the recipe told of a clip, now or in an earlier call."""
    kept = folder / f"{path.stem}-{RECIPE}-{digest}.json"
    if not kept.is_file():
        began = time.process_time()
        recipe = load_recipe(RECIPE)
        with TemporaryDirectory() as store:
            summary = analyse(path, recipe, ArtifactStore(Path(store)))
        found = {
            "verdict": summary.verdict, "calibrated": figures_of(summary, recipe.floor).calibrated,
            "passed_over": summary.passed_over, "shots": len(summary.shots), "replays": len(summary.replays),
            "events": len(summary.spots), "core_s": time.process_time() - began,
        }  # fmt: skip
        kept.write_text(json.dumps(found), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))
