"""Every real clip through the default recipe and `broadcast`; answers are kept, so that a second call goes on."""

import json
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from analysis.benchmarks._clip_cuts import MAIN_CAMERA
from analysis.benchmarks.real_clips import analyse, clips_in, figures_of
from analysis.pipeline.recipe import load_recipe

RECIPES = ("default", "broadcast")
_COLUMNS = (
    "clip", "main camera", "verdict", "with `broadcast`", "calibrated", "with `broadcast`", "passed over", "events",
    "with `broadcast`", "replays", "core s", "with `broadcast`",
)  # fmt: skip


def section(data: Path, folder: Path, digest: str) -> str:
    """The rows, and sums; ``digest`` names the weights that answers were kept for."""
    lines = [f"| {' | '.join(_COLUMNS)} |", "|---" * len(_COLUMNS) + "|"]
    total = dict.fromkeys(RECIPES, 0.0)
    for path in clips_in(data):
        both = [_kept(path, recipe, folder, digest) for recipe in RECIPES]
        default, cut = both
        for recipe, one in zip(RECIPES, both, strict=True):
            total[recipe] += one["core_s"]
        cells = [
            path.stem, "yes" if path.stem in MAIN_CAMERA else "no", default["verdict"], cut["verdict"],
            f"{default['calibrated']:.0%}", f"{cut['calibrated']:.0%}", f"{cut['passed_over']:.0%}",
            default["events"], cut["events"], cut["replays"], f"{default['core_s']:.0f}", f"{cut['core_s']:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    default_s, cut_s = total["default"], total["broadcast"]
    return "\n".join(
        [
            "## Real clips through both recipes",
            "",
            "None stops either recipe. Clips of five seconds begin and end anywhere, so that few have two wipes.",
            "",
            *lines,
            "",
            f"In all {default_s:.0f} processor seconds with the default recipe and {cut_s:.0f} with `broadcast`; "
            "networks and banks are loaded anew for every clip.",
        ]
    )


def _kept(path: Path, recipe: str, folder: Path, digest: str) -> dict[str, Any]:
    kept = folder / (f"{path.stem}-{recipe}" + f"-{digest}" * (recipe == "broadcast") + ".json")
    if not kept.is_file():
        began = time.process_time()
        loaded = load_recipe(recipe)
        with TemporaryDirectory() as store:
            summary = analyse(path, loaded, Path(store))
        found = {
            "verdict": summary.verdict, "calibrated": figures_of(summary, loaded.floor).calibrated,
            "passed_over": summary.passed_over, "events": len(summary.spots), "replays": len(summary.replays),
            "core_s": time.process_time() - began,
        }  # fmt: skip
        kept.write_text(json.dumps(found), encoding="utf-8")
    return dict(json.loads(kept.read_text(encoding="utf-8")))
