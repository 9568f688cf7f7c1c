"""The supervising process: holds the servers, keeps the web, the workers and the sweeper alive, and ends them all.

Started by ``python -m workers.supervisor up`` in the background; tells its steps to ``Places.steps`` and keeps
``Places.lock`` for as long as it lives, so that there is never a second one.
"""

import fcntl
import json
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from workers.supervisor.children import MARK_NAME, Child, end_all, end_group, is_same, marked
from workers.supervisor.places import ROOT, CannotStart, Places, find_places
from workers.supervisor.servers import EmbeddedPostgres, EmbeddedRedis

logger = logging.getLogger("supervisor")

WATCH_EVERY_S = 0.5
# They write their data before they end: ``EmbeddedPostgres`` and ``EmbeddedRedis`` stop what a killed supervisor left.
SERVERS = frozenset({"postgres", "redis"})
SITE_WITHIN_S = 60.0


class Supervisor:
    """One installation, running.

    Args:
        places: where it keeps its things.
        host, port: where the web server listens.
    """

    def __init__(self, places: Places, host: str, port: int) -> None:
        self.places = places
        self.host, self.port = host, port
        self.env = base_env(places, port)
        self.children: list[Child] = []
        self._is_over = threading.Event()

    def run(self) -> None:
        """Start everything, watch it until SIGTERM or SIGINT, stop everything."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._is_over.set())
        try:
            self._start()
            while not self._is_over.wait(WATCH_EVERY_S):
                for child in self.children:
                    if child.revive():
                        logger.warning("%s fell and was started again", child.name)
                        self._note()
        except CannotStart as problem:
            tell(self.places, failed=str(problem))
        except Exception:
            logger.exception("the supervisor broke")
            log = self.places.logs / "supervisor.log"
            tell(
                self.places,
                failed=f"Starting broke in an unexpected way; the details are in {log}.",
            )
        finally:
            self._stop()

    def _start(self) -> None:
        with self._step("stop what was left over", quiet=True):
            stop_orphans(self.places)
        self._start_database()
        self._start_queue()
        write_private(self.places.local_env, _as_lines(self.env))
        self._manage("update the tables", "migrate", "--no-input", "--verbosity", "0")
        self._manage("collect static files", "collectstatic", "--no-input", "--verbosity", "0")
        if "DATABASE_URL" not in os.environ:
            # Nobody else can work on a database of our own, so whatever is unfinished is nobody's.
            with self._step("take up unfinished work", quiet=True):
                self._call("take-up", [sys.executable, "-m", "workers.sweeper", "--take-up"])
        with self._step(f"web server on port {self.port}, workers, sweeper"):
            for child in self._programs():
                self._add(child)
            self._await_site()
        tell(self.places, ready=f"http://{_shown(self.host)}:{self.port}")

    def _start_database(self) -> None:
        if "DATABASE_URL" in os.environ:
            return tell(self.places, step="PostgreSQL as DATABASE_URL names it")
        with self._step("PostgreSQL"):
            server = EmbeddedPostgres(self.places, self.env)
            self.children.append(server.child)
            server.start()
            self._note()
            self.env["DATABASE_URL"] = server.url
        return None

    def _start_queue(self) -> None:
        if "CELERY_BROKER_URL" in os.environ:
            return tell(self.places, step="queue as CELERY_BROKER_URL names it")
        with self._step("Redis"):
            server = EmbeddedRedis(self.places, self.env)
            self.children.append(server.child)
            server.start()
            self._note()
            self.env["CELERY_BROKER_URL"] = server.url
        return None

    def _programs(self) -> Iterator[Child]:
        python = sys.executable
        yield self._child(
            "web",
            *(python, "-m", "gunicorn", "webapp.wsgi:application", "--worker-class", "gthread"),
            *("--workers", "2", "--threads", "8", "--timeout", "120", "--graceful-timeout", "5"),
            *("--bind", f"{self.host}:{self.port}", "--access-logfile", "-", "--no-control-socket"),
        )
        for queue in ("gpu", "default"):
            yield self._child(
                f"worker-{queue}",
                *(python, "-m", "celery", "-A", "workers.app", "worker", "-Q", queue),
                *("-n", f"{queue}@%h", "--pool", "prefork", "--concurrency", "1"),
                *("--max-tasks-per-child", "1" if queue == "gpu" else "20"),
                *("--without-gossip", "--without-mingle", "--loglevel", "INFO"),
                # Its task is taken up by the next start: nothing is gained by waiting for it.
                patience_s=3,
            )
        yield self._child("sweeper", python, "-m", "workers.sweeper")

    def _child(self, name: str, *command: str, patience_s: float = 10.0) -> Child:
        log = self.places.logs / f"{name}.log"
        return Child(name, command, self.env, log, ROOT, patience_s=patience_s)

    def _add(self, child: Child) -> None:
        self.children.append(child)
        child.start()
        self._note()

    def _await_site(self) -> None:
        deadline_s = time.monotonic() + SITE_WITHIN_S
        web = next(child for child in self.children if child.name == "web")
        while not site_answers(self.host, self.port):
            if not web.is_alive or time.monotonic() > deadline_s:
                raise CannotStart(f"The web server did not start; its reasons are in {web.log}.")
            if self._is_over.wait(0.1):
                raise CannotStart("The start was interrupted.")

    def _manage(self, words: str, *arguments: str) -> None:
        with self._step(words):
            self._call(arguments[0], [sys.executable, "manage.py", *arguments])

    def _call(self, name: str, command: list[str]) -> None:
        log = self.places.logs / f"{name}.log"
        with log.open("ab") as output:
            done = subprocess.run(
                command, cwd=ROOT, env=self.env, stdout=output, stderr=output, check=False
            )
        if done.returncode:
            last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
            raise CannotStart(f"{name} failed ({' '.join(last)}); the details are in {log}.")

    @contextmanager
    def _step(self, words: str, *, quiet: bool = False) -> Iterator[None]:
        if self._is_over.is_set():
            raise CannotStart("The start was interrupted.")
        began_s = time.monotonic()
        yield
        took_s = time.monotonic() - began_s
        logger.info("%s: %.1f s", words, took_s)
        if not quiet:
            tell(self.places, step=words, took_s=took_s)

    def _note(self) -> None:
        """Write down who runs, for ``status``, ``down`` and a next start after this process was killed."""
        children = [
            {
                "name": child.name,
                "pid": child.process.pid,
                "created_s": _created_s(child.process.pid),
            }
            for child in self.children
            if child.process is not None
        ]
        note = {
            "pid": os.getpid(),
            "created_s": psutil.Process().create_time(),
            "address": f"http://{_shown(self.host)}:{self.port}",
            "children": children,
        }
        write_private(self.places.note, json.dumps(note, indent=1))

    def _stop(self) -> None:
        # The programs all at once, then the servers they talk to.
        programs = [child for child in self.children if child.name not in SERVERS]
        with ThreadPoolExecutor(max_workers=8) as pool:
            list(pool.map(Child.stop, programs))
        logger.info("stopped the programs")
        for child in reversed(self.children):
            child.stop()
        logger.info("stopped the servers")
        end_all(marked(self.places.mark))
        self.places.note.unlink(missing_ok=True)
        shutil.rmtree(self.places.sockets, ignore_errors=True)
        logger.info("everything is stopped")


def base_env(places: Places, port: int) -> dict[str, str]:
    """Environment of everything we start: the caller's own plus what is ours to say."""
    env = dict(os.environ)
    env.setdefault("SITE_URL", f"http://localhost:{port}")
    env.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    if not {"SECRET_KEY", "SECRET_KEY_FILE"} & set(env):
        env["SECRET_KEY_FILE"] = str(own_secret(places))
    env["TOUCHLINE_DATA"] = str(places.data)
    env["PYTHONUNBUFFERED"] = "1"
    env["PYTHONPATH"] = str(ROOT)
    env[MARK_NAME] = places.mark
    return env


def own_secret(places: Places) -> Path:
    """The file of the installation's secret key; made on first use, readable by its owner only."""
    if not places.secret.exists():
        write_private(places.secret, secrets.token_urlsafe(50))
    return places.secret


def write_private(path: Path, text: str) -> None:
    """Write a file whole, readable by its owner only."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:  # noqa: PTH123
        out.write(text)
    part.replace(path)


def _as_lines(env: dict[str, str]) -> str:
    names = ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY_FILE", "SITE_URL", "TOUCHLINE_DATA")
    return "".join(f"{name}={env[name]}\n" for name in names if name in env)


def stop_orphans(places: Places) -> int:
    """End what a killed supervisor left running; how many processes that were."""
    stragglers = marked(places.mark)
    with suppress(OSError, ValueError, KeyError):
        note = json.loads(places.note.read_text())
        for child in note["children"]:
            if child["name"] not in SERVERS and is_same(child["pid"], child["created_s"]):
                end_group(child["pid"])
    end_all(stragglers)
    return len(stragglers)


def stop_left_over_servers(places: Places) -> bool:
    """End the embedded servers of a killed supervisor; True when one ran."""
    redis_ran = EmbeddedRedis(places, os.environ).stop_left_over()
    return EmbeddedPostgres(places, os.environ).stop_left_over() or redis_ran


def site_answers(host: str, port: int) -> bool:
    """Whether a web server answers there, whatever it says to a stranger."""
    request = urllib.request.Request(f"http://{_shown(host)}:{port}/healthz")
    try:
        with urllib.request.urlopen(request, timeout=5):
            return True
    except urllib.error.HTTPError as answer:
        return answer.code < 500
    except OSError:
        return False


def _shown(host: str) -> str:
    return "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", ""} else host


def _created_s(pid: int) -> float:
    with suppress(psutil.Error):
        return psutil.Process(pid).create_time()
    return 0.0


def tell(places: Places, **fact: object) -> None:
    """Add a fact to the file that ``up`` reads from."""
    with places.steps.open("a", encoding="utf-8") as steps:
        steps.write(json.dumps(fact) + "\n")


def lock(places: Places) -> int | None:
    """The supervisor's lock as a file descriptor to be kept; None when another process holds it."""
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def main(host: str, port: int) -> int:
    """Run the supervisor in this process until it is asked to end."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    places = find_places()
    held = lock(places)
    if held is None:
        logger.error("another supervisor holds %s", places.lock)
        return 1
    Supervisor(places, host, port).run()
    return 0
