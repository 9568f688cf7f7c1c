"""Loaded into a worker by the tests: makes the work stand still at a named point until it is released.

``HOLD_AT`` names a pipeline stage, ``playback`` or ``store``; ``HOLD_FILE`` appears when the point is reached, and a
file of the same name with ``.release`` lets it go on. A stage that stands still keeps reporting, as a long one would.
"""

import os
import time
from pathlib import Path

from analysis.video import encode
from webapp.analytics import ingest
from workers.progress import Heart

HOLD_AT = os.environ.get("HOLD_AT", "")
HOLD_FILE = Path(os.environ.get("HOLD_FILE", "unnamed"))


def stand_still(keep_going=lambda: None):
    HOLD_FILE.touch()
    while not HOLD_FILE.with_suffix(".release").exists():
        keep_going()
        time.sleep(0.05)


def held(point, original):
    def wrapper(*args, **kwargs):
        if point == HOLD_AT:
            stand_still()
        return original(*args, **kwargs)

    return wrapper


def held_progress(self, event, original=Heart.__call__):
    original(self, event)
    if event.stage == HOLD_AT:
        stand_still(lambda: original(self, event))


Heart.__call__ = held_progress
encode.playable_copy = held("playback", encode.playable_copy)
# Positions are copied, the transaction is open.
ingest._store_actions = held("store", ingest._store_actions)
