"""How right and how complete the told events are, class by class, at the very thresholds of the default recipe.

Average-mAP judges a ranking; a person sees what the recipe tells. These two numbers stand on the cards of the spotters
(``[[classes]]``) and beside the classes in the match room.
"""

from pathlib import Path
from tempfile import gettempdir

import numpy as np

from analysis.benchmarks._simulated_halves import SIGHTS, comparable, halves_of, spots_of
from analysis.benchmarks.spotting import SEEDS, built
from analysis.core.cards import ClassNumbers
from analysis.core.registry import SPOTTERS
from analysis.core.vocabulary import SOCCERNET_V2
from analysis.metrics.spot_hits import hits_of
from analysis.pipeline.recipe import load_recipe
from analysis.spotting.postprocess import postprocess

SIGHT = "as a camera sees"
HEAD = """Events as the default recipe tells them (its thresholds, its window), against all events of unseen simulated
halves (seeds {first} to {last}), seen as a camera sees. *Precision*: the share of told events that lie within 5 s of a
true one of their class. *Recall*: the share of true events that were told. *Verified*: both at least 0.9 on at least 20
events; *experimental*: one of them below 0.5. Nothing was chosen on these halves. No real match is in these numbers.
The thresholds were chosen for the default spotter; the scores of others mean something else."""


def measure(data: Path) -> str:
    """The page."""
    halves = halves_of(Path(gettempdir()) / "touchline-benchmark-halves", SEEDS)
    parts = [HEAD.format(first=SEEDS.start, last=SEEDS.stop - 1)]
    for name in comparable():
        lines = [f"## `{name}`", "", "| class | events | told | precision | recall | badge |"]
        lines.append("|---|---|---|---|---|---|")
        found = spots_of(name, built(name), halves, SIGHTS[SIGHT])
        rules = load_recipe("default").events
        told = [postprocess(spots, rules) for spots in found]
        for label in SPOTTERS.card(name).emits:
            k = SOCCERNET_V2.index(label)
            n_true = n_told = n_right = 0
            for (_, half), spots in zip(halves, told, strict=True):
                own = [spot for spot in spots if spot.label == label]
                events = half.event_ms[half.event_label == k]
                at_ms = np.array([spot.position_ms for spot in own], np.int64)
                sure = np.array([spot.confidence for spot in own], np.float64)
                n_true, n_told = n_true + len(events), n_told + len(own)
                n_right += int(hits_of(events, at_ms, sure).sum())
            one = ClassNumbers(
                label, _share(n_right, n_told), _share(n_right, n_true), n_true, n_told
            )
            lines.append(
                f"| {label} | {n_true} | {n_told} | {one.precision:.2f} | {one.recall:.2f} | {one.badge} |"
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _share(part: int, whole: int) -> float:
    return round(part / whole, 3) if whole else 0.0
