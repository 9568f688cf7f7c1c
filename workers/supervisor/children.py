"""Processes that are started as groups, watched, and stopped to the last one."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

MARK_NAME = "TOUCHLINE_INSTANCE"
_LONGEST_PAUSE_S = 30.0
_WELL_AFTER_S = 60.0


@dataclass(slots=True)
class Child:
    """One program of the house.

    Args:
        name: names its log file too.
        command: program and arguments.
        env: its whole environment.
        log: file that its output is appended to.
        cwd: working folder.
        stop_signal: asks it to end.
        patience_s: how long it may take over it.
        user: runs as this user when given.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path
    cwd: Path
    stop_signal: int = signal.SIGTERM
    patience_s: float = 10.0
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    n_falls: int = 0
    _next_start_s: float = field(default=0.0)

    def start(self) -> None:
        """Start it as the leader of a session of its own, so that it and all it starts can be stopped together."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.command),
                env=dict(self.env),
                cwd=self.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **as_user(self.user),
            )
        self.started_s = time.monotonic()

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None

    def revive(self) -> bool:
        """Start it again after it fell, with growing pauses; True when it was started now."""
        now_s = time.monotonic()
        if self.is_alive:
            return False
        if self._next_start_s == 0.0:
            lived_well = now_s - self.started_s > _WELL_AFTER_S
            self.n_falls = 1 if lived_well else self.n_falls + 1
            self._next_start_s = now_s + min(_LONGEST_PAUSE_S, 2.0 ** (self.n_falls - 1))
        if now_s < self._next_start_s:
            return False
        self._next_start_s = 0.0
        self.start()
        return True

    def stop(self) -> None:
        """Ask it to end, wait, then end the whole group."""
        if self.process is None:
            return
        family = descendants(self.process.pid)
        if self.is_alive:
            self.process.send_signal(self.stop_signal)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self.patience_s)
        end_group(self.process.pid)
        end_all(family)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(5)


def as_user(user: str | None) -> dict[str, Any]:
    """Arguments of ``subprocess`` that run a program as a user and nothing more; none for None."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def descendants(pid: int) -> list[psutil.Process]:
    """Everything a process started, directly or not, as far as it still hangs on it."""
    with suppress(psutil.Error):
        return psutil.Process(pid).children(recursive=True)
    return []


def end_group(group: int) -> None:
    """Kill whatever is left of a process group."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def end_all(processes: Iterable[psutil.Process]) -> None:
    """Kill processes and wait until they are gone."""
    targets = list(processes)
    for process in targets:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(targets, timeout=5)


def marked(mark: str) -> list[psutil.Process]:
    """Processes that carry an installation's mark in their environment, except this one and its callers."""
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid not in own and process.environ().get(MARK_NAME) == mark:
                found.append(process)
    return found


def is_same(pid: int, created_s: float) -> bool:
    """Whether the process of a note is still the one that was noted, not a later one with its number."""
    with suppress(psutil.Error):
        return abs(psutil.Process(pid).create_time() - created_s) < 1.0
    return False
