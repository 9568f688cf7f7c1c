"""The real house for a browser: started by the supervisor as ``make up`` does, in a data folder of its own."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REAL_CLIPS = ROOT.parent / "shared" / "data" / "clips"
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
]  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """One installation with embedded servers, driven by its command."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        taken = {"DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        self.env = {name: value for name, value in os.environ.items() if name not in taken}
        self.env |= {"TOUCHLINE_DATA": str(data), "PORT": str(self.port), "SAMPLE": "0"}

    def run(self, command: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "workers.supervisor", command],
            cwd=ROOT,
            env=self.env | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=1500,
        )

    def up(self, **env: str) -> str:
        """Start it; the one-time sign-in link."""
        done = self.run("up", **env)
        assert done.returncode == 0, done.stdout + done.stderr + self.logs()
        return re.search(r"http://\S+/accounts/link/\S+", done.stdout).group()

    def logs(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(
                f"== {log.name}\n{log.read_text(errors='replace')[-3000:]}"
                for log in sorted((self.data / "log").glob("*.log"))
            )
        return ""


@pytest.fixture(scope="module")
def stack():
    """An installation in a path with a space; stopped after the module's tests."""
    # Not pytest's own folder: as root the database's user has to reach it.
    with tempfile.TemporaryDirectory(prefix="a house ", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        stack = Stack(Path(folder) / "data of a club")
        yield stack
        stack.run("down")


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, or Playwright's own where it was installed; one at a time, or Playwright refuses."""
    playwright = pytest.importorskip("playwright.sync_api")
    # Playwright keeps an event loop in this thread, which Django would take for an async caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with playwright.sync_playwright() as started:
        path = shutil.which("chromium") or shutil.which("google-chrome")
        if path is None and not Path(started.chromium.executable_path).exists():
            pytest.skip("no Chromium here; on Debian: apt-get install chromium")
        browser = started.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser):
    """A page that collects what went wrong in it: script errors, and answers of 500 and more."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.faults = []
    page.on("pageerror", lambda error: page.faults.append(str(error)))
    page.on(
        "response",
        lambda answer: (
            page.faults.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None
        ),
    )
    yield page
    context.close()


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """A real broadcast clip where there is one, else a simulated one."""
    real = REAL_CLIPS / "zakery_realmadrid_sevilla_720p.mp4"
    if real.is_file():
        return real
    folder = tmp_path_factory.mktemp("clip")
    command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder)]
    subprocess.run([*command, "--minutes", "0.3", "--seed", "7"], cwd=ROOT, check=True)
    return folder / "match.mp4"
