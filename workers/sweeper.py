"""``python -m workers.sweeper``: a heart of its own, so that lost work is found when every worker is busy or dead.

``--take-up`` sweeps once, before any worker is started: whatever is unfinished is then nobody's.
"""

import logging
import os
import signal
import sys
import threading
import time
from pathlib import Path

import django
from django.conf import settings
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

import webapp.celery  # noqa: F401  names the settings

logger = logging.getLogger("workers.sweeper")
TIDY_EVERY_S = 3600.0
COMPARE_EVERY_S = 24 * 3600.0
# A file whose age tells a health check whether rounds are still made; none when not set.
ALIVE = os.environ.get("SWEEPER_ALIVE")


def main() -> None:
    """Sweep until SIGTERM or SIGINT."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    django.setup()
    from workers.tasks import tidy

    if sys.argv[1:] == ["--take-up"]:
        tidy.take_up()
        return
    is_over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: is_over.set())
    logger.info("sweeping every %s s", settings.SWEEP_EVERY_S)
    tidied_s = -TIDY_EVERY_S
    compared_s = time.monotonic()
    while not is_over.is_set():
        close_old_connections()
        try:
            tidy.sweep()
            if time.monotonic() - tidied_s > TIDY_EVERY_S:
                tidied_s = time.monotonic()
                tidy.tidy()
            if time.monotonic() - compared_s > COMPARE_EVERY_S:
                compared_s = time.monotonic()
                tidy.look_after_files()
        except DatabaseError:
            # The database may be restarting; the next round finds out.
            logger.exception("this round failed")
            connection.close()
        if ALIVE:
            Path(ALIVE).touch()
        is_over.wait(settings.SWEEP_EVERY_S)


if __name__ == "__main__":
    main()
