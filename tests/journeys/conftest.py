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

import numpy as np
import pytest

from tests.factories import make_match, make_video

DURATION_MS, FPS = 30_000, 10.0
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


# Another theme, and nothing on its way from one colour to another when the picture is taken.
STILL = """async (theme) => {
  const still = new CSSStyleSheet();
  still.replaceSync("*, *::before, *::after { transition: none !important; animation: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
  if (document.documentElement.dataset.theme !== theme) window.toggleTheme();
  await document.fonts.ready;
  for (let i = 0; i < 3; i++) await new Promise((done) => requestAnimationFrame(done));
}"""


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
    # A busy machine may take seconds for what an idle one draws at once.
    playwright.expect.set_options(timeout=30_000)
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


@pytest.fixture
def page_of(browser, live_server, client):
    """``page_of(user, width=, height=)``: a signed-in page; faults of its scripts fail the test at the end."""
    contexts, faults = [], []

    def open_page(user, *, width: int = 1366, height: int = 768, **options):
        client.force_login(user)
        context = browser.new_context(
            viewport={"width": width, "height": height}, base_url=live_server.url, **options
        )
        contexts.append(context)
        session = client.cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda said: faults.append(said.text) if "Content Security" in said.text else None,
        )
        page.on(
            "request",
            lambda asked: (
                None if is_ours(asked.url) else faults.append(f"left the site: {asked.url}")
            ),
        )
        return page

    def is_ours(address: str) -> bool:
        return address.startswith((live_server.url, "data:", "blob:"))

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Half a minute in which a square crosses a green field; a picture every 100 ms."""
    from analysis.video.encode import FilmWriter

    path = tmp_path_factory.mktemp("film") / "play.mp4"
    with FilmWriter(path, (320, 180), FPS) as writer:
        for i in range(int(DURATION_MS / 1000 * FPS)):
            image = np.full((180, 320, 3), (40, 120, 60), np.uint8)
            image[80:100, i : i + 20] = 255
            writer.write(image)
    return path


@pytest.fixture
def match(team, film, settings, tmp_path):
    """An analysed match with the film as its playback copy."""
    from tests.webapp.analytics.rooms import make_room

    settings.MEDIA_ROOT = tmp_path
    match = make_room(team, duration_ms=DURATION_MS, home_name="Rovers")
    match.videos.update(fps=FPS)
    for video in match.videos.all():
        folder = tmp_path / video.folder
        folder.mkdir(parents=True)
        (folder / "play.mp4").write_bytes(film.read_bytes())
    return match


@pytest.fixture
def true_match(team, settings, tmp_path, request):
    """A simulated match with the truth about it; ``TRUE_MATCH`` may name a folder of ``analysis simulate``."""
    from tests.journeys.true_rooms import make_true_room

    named = os.environ.get("TRUE_MATCH")
    folder = Path(named) if named else request.getfixturevalue("small_match_folder")
    settings.MEDIA_ROOT = tmp_path
    return make_true_room(team, folder, tmp_path)


@pytest.fixture
def picture(request):
    """``picture(page, name)``: a picture of the page for the documents, where ``SCREENS`` names their folder."""
    folder = os.environ.get("SCREENS")

    def take(page, name: str, *, themes=("light", "dark"), full_page: bool = False) -> None:
        if not folder:
            return
        for theme in themes:
            page.evaluate(STILL, theme)
            width = page.viewport_size["width"]
            size = "narrow" if width < 500 else "wide"
            path = Path(folder) / f"{name}-{size}-{theme}.jpg"
            page.screenshot(
                path=path, type="jpeg", quality=58, full_page=full_page, animations="disabled"
            )

    return take


@pytest.fixture
def full_match(team, film, settings, tmp_path):
    """Ninety minutes: 3,000 events and a quarter of a million positions; the film behind it is short."""
    from tests.webapp.analytics.rooms import fill_run, make_run
    from webapp.analytics.models import SpottedAction

    settings.MEDIA_ROOT = tmp_path
    match = make_match(team, home_colour="#c8102e", away_colour="#f2f2f2")
    run, video = make_run(match), make_video(match, duration_ms=5_400_000, has_playback=True)
    fill_run(run, video, 5_400_000, whole_pitch=True)
    labels = [row.label for row in SpottedAction.objects.filter(run=run)]
    SpottedAction.objects.bulk_create(
        SpottedAction(
            run=run, video=video, period=1, position_ms=i * 1800, label=labels[i % len(labels)],
            confidence=(i * 37 % 100) / 100, model_version="rules 1",
        )
        for i in range(3000 - len(labels))
    )  # fmt: skip
    folder = tmp_path / video.folder
    folder.mkdir(parents=True)
    (folder / "play.mp4").write_bytes(film.read_bytes())
    return match
