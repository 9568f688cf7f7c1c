"""Pipeline events become rows; requests to stop become exceptions."""

import logging
import os
import signal
import threading
import time
import uuid
from types import TracebackType
from typing import Self

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection

from analysis.core.problems import Cancelled
from analysis.core.records import StageEvent
from webapp.analytics import segments, services

logger = logging.getLogger(__name__)

# People watch the bar; the database need not hear of every frame.
WRITE_EVERY_S = 0.7
HEARTBEAT_AT_MOST_S = 2.0
LOOK_EVERY_S = 20.0


class Heart:
    """Listener of a pipeline, and the heart that beats while a stage is silent.

    Used as a context manager; called with every ``StageEvent``.

    Args:
        words: what is worked on, for logs.

    Work that says nothing for ``ANALYSIS_STANDSTILL_S`` stands still (a decoder can be led in circles by a damaged
    file): this process is then ended, and the run goes to another one like that of any killed worker.

    Raises:
        LeaseLost, Cancelled: from a call, once the database or the heart learned of it.
    """

    def __init__(self, words: str) -> None:
        self._words = words
        self._heard_s = time.monotonic()
        self._written_s = 0.0
        self._begun: set[str] = set()
        self._verdict: services.LeaseLost | Cancelled | None = None
        self._is_over = threading.Event()
        self._heart = threading.Thread(target=self._beat, name=f"heart of {words}", daemon=True)
        # Not the heart's: that may wait for the database, for as long as the work itself holds the row.
        self._watch = threading.Thread(target=self._look, name=f"watch of {words}", daemon=True)

    def _say_alive(self) -> None:
        raise NotImplementedError

    def _say(self, event: StageEvent) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        self._heart.start()
        self._watch.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._heart.join()
        self._watch.join()

    def __call__(self, event: StageEvent) -> None:
        """Store an event, at most every ``WRITE_EVERY_S`` within a stage."""
        if self._verdict is not None:
            raise self._verdict
        now_s = self._heard_s = time.monotonic()
        is_milestone = event.stage not in self._begun or event.done >= event.total
        if not is_milestone and now_s - self._written_s < WRITE_EVERY_S:
            return
        self._begun.add(event.stage)
        self._written_s = now_s
        try:
            self._say(event)
        except DatabaseError:
            # A restart of the database is no reason to throw hours of work away: the heart asks again.
            logger.warning("%s: progress not stored", self._words, exc_info=True)
            connection.close()

    def _look(self) -> None:
        while not self._is_over.wait(min(settings.ANALYSIS_STANDSTILL_S / 4, LOOK_EVERY_S)):
            if time.monotonic() - self._heard_s > settings.ANALYSIS_STANDSTILL_S:
                logger.error("%s stood still; this process is ended", self._words)
                os.kill(os.getpid(), signal.SIGKILL)

    def _beat(self) -> None:
        every_s = min(settings.LEASE_S / 4, HEARTBEAT_AT_MOST_S)
        try:
            while not self._is_over.wait(every_s):
                try:
                    self._say_alive()
                except (services.LeaseLost, Cancelled) as verdict:
                    self._verdict = verdict
                    return
                except DatabaseError:
                    # The database may be back before the lease ends; if not, the next write finds out.
                    logger.warning("%s: heartbeat not stored", self._words, exc_info=True)
                    connection.close()
        finally:
            connection.close()


class RunProgress(Heart):
    """Of one run.

    Args:
        run_id, lease: what ``services.claim`` gave.
    """

    def __init__(self, run_id: int, lease: uuid.UUID) -> None:
        super().__init__(f"run {run_id}")
        self._run_id, self._lease = run_id, lease

    def _say_alive(self) -> None:
        services.heartbeat(self._run_id, self._lease)

    def _say(self, event: StageEvent) -> None:
        services.advance(
            self._run_id, self._lease, stage=event.stage, done=event.done, total=event.total
        )


class SegmentProgress(Heart):
    """Of one segment of a run.

    Args:
        segment_id, lease: what ``segments.claim`` gave.
    """

    def __init__(self, segment_id: int, lease: uuid.UUID) -> None:
        super().__init__(f"segment {segment_id}")
        self._segment_id, self._lease = segment_id, lease

    def _say_alive(self) -> None:
        segments.beat(self._segment_id, self._lease)

    def _say(self, event: StageEvent) -> None:
        # Finding the pitch goes ahead of finding the players: the second counts.
        done = event.done if event.stage == "locate" else 0
        segments.beat(self._segment_id, self._lease, done)
