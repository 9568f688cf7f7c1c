"""``python -m workers.supervisor up | down | status``: the whole house on one machine.

``up`` starts the supervisor in the background, shows its steps, makes the sample match once, and prints the address
with a one-time sign-in link; ``down`` stops everything. ``PORT`` (8000) and ``HOST`` (127.0.0.1) say where the site
listens; ``DATABASE_URL`` and ``CELERY_BROKER_URL`` name servers to use instead of the embedded ones; ``SAMPLE=0``
leaves the sample match out.
"""

import argparse
import errno
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from workers.supervisor import daemon
from workers.supervisor.children import end_all, is_same, marked
from workers.supervisor.places import ROOT, CannotStart, Places, find_places

DOWN_WITHIN_S = 60.0
STOPPED = 3


def main(arguments: list[str]) -> int:
    """Run one command; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m workers.supervisor", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "status", "serve"])
    chosen = parser.parse_args(arguments).command
    commands: dict[str, Callable[[Places], int]] = {"up": up, "down": down, "status": status}
    try:
        if chosen == "serve":
            return daemon.main(_host(), _port())
        return commands[chosen](find_places())
    except CannotStart as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; what runs goes on. Stop it with: make down\n")
        return 130


def up(places: Places) -> int:
    """Start the house, or say that it runs already; then the sample match and the way in."""
    began_s = time.monotonic()
    note = running(places)
    if note is None:
        port = _port()
        daemon.stop_orphans(places)
        check_port(_host(), port)
        say("Starting Touchline")
        address = _start(places)
    else:
        address = note["address"]
        say(f"Touchline already runs at {address}")
    env = os.environ | read_local_env(places)
    _run("workers.demo", env)
    if note is None:
        say(
            f"Ready after {time.monotonic() - began_s:.0f} s: {address}   (stop it with: make down)"
        )
    return 0


def _start(places: Places) -> str:
    """Launch the supervisor and follow its steps. Returns the address."""
    places.steps.write_text("")
    with (places.logs / "supervisor.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workers.supervisor", "serve"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    with places.steps.open(encoding="utf-8") as steps:
        while True:
            line = steps.readline()
            if not line:
                if process.poll() is not None:
                    raise CannotStart(
                        f"The supervisor ended early; its reasons are in {places.logs / 'supervisor.log'}."
                    )
                time.sleep(0.05)
                continue
            fact = json.loads(line)
            if "failed" in fact:
                process.wait()
                raise CannotStart(fact["failed"])
            if "ready" in fact:
                return str(fact["ready"])
            took = f"{fact['took_s']:6.1f} s" if "took_s" in fact else ""
            say(f"  {fact['step']:<48}{took}")


def down(places: Places) -> int:
    """Stop the house, also what a killed supervisor left behind."""
    note = running(places)
    if note is not None:
        say("Stopping Touchline")
        with suppress(ProcessLookupError):
            os.kill(note["pid"], signal.SIGTERM)
        deadline_s = time.monotonic() + DOWN_WITHIN_S
        # The process, not only its lock: nothing is left when this command returns.
        while is_same(note["pid"], note["created_s"]):
            if time.monotonic() > deadline_s:
                with suppress(ProcessLookupError):
                    os.kill(note["pid"], signal.SIGKILL)
                break
            time.sleep(0.1)
    left_over = daemon.stop_orphans(places)
    stopped = daemon.stop_left_over_servers(places)
    end_all(marked(places.mark))
    places.note.unlink(missing_ok=True)
    shutil.rmtree(places.sockets, ignore_errors=True)
    say("Stopped." if note is not None or left_over or stopped else "Touchline does not run.")
    return 0


def status(places: Places) -> int:
    """Print what runs; exit status 3 when nothing does."""
    note = running(places)
    if note is None:
        say("Touchline does not run. Start it with: make up")
        return STOPPED
    say(f"Touchline runs at {note['address']}")
    for child in note["children"]:
        word = "runs" if is_same(child["pid"], child["created_s"]) else "is being started again"
        say(f"  {child['name']:<16}{word}")
    return 0


def running(places: Places) -> dict[str, Any] | None:
    """The note of the supervisor that runs now; None when none does."""
    descriptor = daemon.lock(places)
    if descriptor is not None:
        os.close(descriptor)
        return None
    # It holds the lock a moment before it writes its first note.
    for _ in range(100):
        with suppress(OSError, ValueError):
            note: dict[str, Any] = json.loads(places.note.read_text())
            if is_same(note["pid"], note["created_s"]):
                return note
        time.sleep(0.1)
        descriptor = daemon.lock(places)
        if descriptor is not None:
            os.close(descriptor)
            return None
    raise CannotStart("Another start is under way; try again in a minute.")


def check_port(host: str, port: int) -> None:
    """Raise CannotStart when the web server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = "is in use by another program"
            else:
                why = f"cannot be used ({error.strerror})"
            raise CannotStart(
                f"Port {port} {why}; choose another one with: PORT={port + 1} make up"
            ) from error


def read_local_env(places: Places) -> dict[str, str]:
    """Addresses and secret of the running installation."""
    with suppress(OSError):
        lines = places.local_env.read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)
    return {}


def _run(module: str, env: Mapping[str, str]) -> None:
    done = subprocess.run([sys.executable, "-m", module], cwd=ROOT, env=dict(env), check=False)
    if done.returncode:
        raise CannotStart(
            "The site runs, but its first steps failed; see above. Try again with: make up"
        )


def _host() -> str:
    return os.environ.get("HOST") or "127.0.0.1"


def _port() -> int:
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT is a number from 1 to 65535, got {text!r}; try: PORT=8001 make up")
    return int(text)


def say(words: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(words + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Videos, logs and results are for this user's eyes.
    os.umask(0o077)
    sys.exit(main(sys.argv[1:]))
