"""``python -m tests.workers.composition``: every service of the composition by its own command, without images.

A machine without a Docker daemon cannot start ``docker-compose.yml``. What it says can be carried out all the same: the
files are merged by ``docker-compose config``; the sources that each Dockerfile copies lie in a folder of their own; the
web runs in an environment that has what its Dockerfile installs and nothing else (no torch, no decoders); every process
gets the environment of its service and no other variable. RabbitMQ and nginx are the system's, PostgreSQL is the
wheel's, and moto stands in for MinIO. Only names of machines, ports and folders are put in their place. Then a film
goes through: uploaded through nginx, checked, analysed, watched by ranges, once with files on a disk and once in a
bucket. Prints a JSON line for each service with what its health check says. Images,
networks and limits are not tested by this.
"""

import json
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.workers.live import ROOT, tell

PROGRAMS = ("docker-compose", "nginx", "rabbitmq-server", "openssl")
PATIENCE_S = 180.0
FILES = ("docker-compose.yml", "docker-compose.tls.yml", "docker-compose.s3.yml")
SECRETS = ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY", "S3_SECRET_KEY")


def missing() -> list[str]:
    """Programs that are not here."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


class Composition:
    """The merged composition, carried out on this machine.

    Args:
        folder: everything that it writes.
        files: compose files, in order.
    """

    def __init__(self, folder: Path, files: tuple[str, ...]) -> None:
        self.folder, self.is_bucket = folder, "docker-compose.s3.yml" in files
        self.ports = {name: free_port() for name in ("web", "plain", "tls", "pg", "mq", "objects")}
        self.services = merged(folder, files)["services"]
        self.data = folder / "data"
        self.data.mkdir()
        self.running: dict[str, subprocess.Popen] = {}

    def here(self, text: str) -> str:
        """A text of the composition with this machine's names."""
        at = "127.0.0.1"
        places = {
            "@postgres:5432": f"@{at}:{self.ports['pg']}",
            "@rabbitmq:5672": f"@{at}:{self.ports['mq']}",
            "http://web:8000": f"http://{at}:{self.ports['web']}",
            "127.0.0.1:8000": f"{at}:{self.ports['web']}",
            "0.0.0.0:8000": f"{at}:{self.ports['web']}",
            "objects:9000": f"{at}:{self.ports['objects']}",
            "127.0.0.1:8080": f"{at}:{self.ports['plain']}",
            "listen 8080": f"listen {self.ports['plain']}",
            "listen 8443": f"listen {self.ports['tls']}",
            "/data": str(self.data),
            "/tmp/sweeper": str(self.folder / "sweeper"),
            "/etc/nginx/touchline/": f"{self.folder}/nginx/touchline/",
            "/etc/nginx/certificates/": f"{self.folder}/certificates/",
        }
        for there, place in places.items():
            text = text.replace(there, place)
        return text

    def environment(self, service: str) -> dict[str, str]:
        """What a service's processes are given: its own variables, and where programs are."""
        given = self.services[service].get("environment", {})
        own = {name: self.here(str(value)) for name, value in given.items()}
        home = {
            "HOME": str(self.folder),
            "PATH": os.environ["PATH"],
            "HOSTNAME": socket.gethostname(),
        }
        # One thread each: this machine is a small one.
        return {**home, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1",
                "DJANGO_SETTINGS_MODULE": "webapp.settings", **own}  # fmt: skip

    def start(self, service: str, command: list[str], cwd: Path, **env: str) -> None:
        """Start a process of a service; its words go to a log."""
        log = (self.folder / f"{service}.log").open("wb")
        self.running[service] = subprocess.Popen(
            command, cwd=cwd, env={**self.environment(service), **env}, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip

    def health(self, service: str, check: Callable[[], bool] | None = None, **tell_also) -> None:
        """Wait until the service's own health check says yes, and tell."""
        began_s = time.monotonic()
        asked = check or (lambda: self.by_its_own_check(service))
        while not asked():
            process = self.running.get(service)
            is_over = process is not None and process.poll() is not None
            if is_over or time.monotonic() - began_s > PATIENCE_S:
                log = (self.folder / f"{service}.log").read_text(errors="replace")
                raise SystemExit(f"{service} is not healthy:\n{log[-4000:]}")
            time.sleep(0.5)
        took_s = round(time.monotonic() - began_s, 1)
        tell({"service": service, "healthy_after_s": took_s, **tell_also})

    def by_its_own_check(self, service: str) -> bool:
        """Run the health check that the composition names, in the service's place."""
        kind, *rest = self.services[service]["healthcheck"]["test"]
        words = [self.here(word).replace("$$", "$") for word in rest]
        python, cwd = self.places(service)
        if kind == "CMD-SHELL":
            words = ["sh", "-c", words[0].replace("python ", f"{python} ")]
        elif words[0] == "python":
            words[0] = str(python)
        asked = subprocess.run(
            words, cwd=cwd, env=self.environment(service), capture_output=True, check=False
        )
        return asked.returncode == 0

    def places(self, service: str) -> tuple[Path, Path]:
        """(python, folder of the sources) of a service."""
        kind = "webapp" if service in ("web", "prepare") else "workers"
        python = self.folder / "web-env/bin/python" if kind == "webapp" else Path(sys.executable)
        return python, self.folder / kind

    def image(self, kind: str) -> None:
        """The sources that a Dockerfile copies."""
        place = self.folder / kind
        place.mkdir()
        for line in (ROOT / kind / "Dockerfile").read_text().splitlines():
            words = line.split()
            if words[:1] != ["COPY"] or "requirements.lock" in words:
                continue
            *sources, target = words[1:]
            for source in sources:
                path = ROOT / source
                if path.is_dir():
                    shutil.copytree(path, place / target, ignore=shutil.ignore_patterns("*.pyc"))
                else:
                    shutil.copy(path, place / target)

    def web_environment(self) -> None:
        """What the web's Dockerfile installs, at the versions of the lock."""
        extras = re.search(r'"\.\[(.+?)\]"', (ROOT / "webapp/Dockerfile").read_text()).group(1)
        asked = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
        wanted = [*asked["dependencies"]]
        for extra in extras.split(","):
            wanted += asked["optional-dependencies"][extra]
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "-q", "-p", sys.executable, self.folder / "web-env"], check=True
        )
        python = self.folder / "web-env/bin/python"
        lock = ROOT / "requirements.lock"
        subprocess.run([*uv, "pip", "install", "-q", "-p", python, "-c", lock, *wanted], check=True)
        for name in ("torch", "cv2", "av", "scipy", "transformers"):
            found = subprocess.run(
                [python, "-c", f"import {name}"], capture_output=True, check=False
            )
            assert found.returncode, f"the web image would hold {name}"

    def nginx(self) -> None:
        """nginx with our files; the two servers and whatever is added."""
        place = self.folder / "nginx"
        (place / "touchline").mkdir(parents=True)
        certificates = self.folder / "certificates"
        certificates.mkdir()
        names = ["-keyout", certificates / "privkey.pem", "-out", certificates / "fullchain.pem"]
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=localhost",
        ]
        subprocess.run([*command, *names], check=True, capture_output=True)
        for volume in self.services["nginx"]["volumes"]:
            source, target = str(volume).split(":")[:2]
            if source.endswith(".conf"):
                name = target.removeprefix("/etc/nginx/")
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_text(self.here(Path(source).read_text()))
        # Older servers say it in the line of the port.
        tls = place / "conf.d/tls.conf"
        tls.write_text(tls.read_text().replace("    http2 on;\n", ""))
        folders = "".join(
            f"{kind}_temp_path {place}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (place / "nginx.conf").write_text(
            f"user root; daemon off; pid {place}/pid; events {{}} http {{ access_log off; {folders} "
            f"include /etc/nginx/mime.types; include {place}/conf.d/*.conf; }}"
        )
        command = ["nginx", "-e", str(place / "errors.log"), "-c", str(place / "nginx.conf")]
        subprocess.run([*command, "-t"], check=True, capture_output=True)
        self.start("nginx", command, place)
        self.health("nginx", lambda: self.get("/healthz")[0] == 200, config="nginx -t says ok")

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        """(status, body) of a question to nginx over TLS."""
        return ask(f"https://127.0.0.1:{self.ports['tls']}{path}", headers=headers)

    def stop(self) -> None:
        """End every process of it, the last first."""
        for process in reversed(list(self.running.values())):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
        if "rabbitmq" in self.running:
            # The daemon of names outlives its server.
            env = self.environment("rabbitmq")
            subprocess.run(["epmd", "-kill"], env=env, capture_output=True, check=False)


def ask(
    url: str, *, method: str = "GET", body: bytes | None = None, headers=None
) -> tuple[int, bytes]:
    """(status, body); the certificate is our own."""
    import ssl
    import urllib.error
    import urllib.request

    context = ssl._create_unverified_context()
    request = urllib.request.Request(url, method=method, data=body, headers=headers or {})
    request.add_header("Host", "localhost")
    try:
        with urllib.request.urlopen(request, context=context, timeout=60) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError:
        return 0, b""


def free_port() -> int:
    """A port that nobody uses just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def merged(folder: Path, files: tuple[str, ...]) -> dict:
    """The composition as ``docker-compose config`` merges it."""
    import yaml

    values = {name: secrets.token_urlsafe(24) for name in SECRETS}
    values |= {"SITE_URL": "https://localhost", "ALLOWED_HOSTS": "localhost"}
    values["CERTIFICATES"] = str(folder / "certificates")
    note = folder / "composition.env"
    note.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    command = ["docker-compose", "--env-file", str(note)]
    for file in files:
        command += ["-f", file]
    done = subprocess.run(
        [*command, "config"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return yaml.safe_load(done.stdout)


def rabbitmq(found: Composition) -> None:
    """The system's RabbitMQ with our file, and the account that the image makes of its environment."""
    place = found.folder / "rabbitmq"
    place.mkdir()
    env = found.environment("rabbitmq")
    settings = Path(found.services["rabbitmq"]["volumes"][0].split(":")[0]).read_text()
    settings += f"listeners.tcp.1 = 127.0.0.1:{found.ports['mq']}\n"
    settings += f"default_user = {env['RABBITMQ_DEFAULT_USER']}\n"
    settings += f"default_pass = {env['RABBITMQ_DEFAULT_PASS']}\n"
    (place / "rabbitmq.conf").write_text(settings)
    (place / "plugins").write_text("[].\n")
    own = {
        "RABBITMQ_NODENAME": "composition@localhost", "RABBITMQ_MNESIA_BASE": str(place / "data"),
        "RABBITMQ_LOG_BASE": str(place), "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_CONFIG_FILE": str(place / "rabbitmq.conf"), "RABBITMQ_PID_FILE": str(place / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(place / "plugins"), "ERL_EPMD_PORT": str(free_port()),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
    }  # fmt: skip
    found.services["rabbitmq"]["environment"] |= own
    # The system's own command would change to another user.
    programs = Path("/usr/lib/rabbitmq/bin")
    found.start("rabbitmq", [str(programs / "rabbitmq-server")], place)
    check = [str(programs / "rabbitmq-diagnostics"), "-q", "ping"]
    words = found.services["rabbitmq"]["healthcheck"]["test"]
    assert words[1:] == ["rabbitmq-diagnostics", "-q", "ping"]
    env = found.environment("rabbitmq")
    asked = lambda: subprocess.run(check, env=env, capture_output=True, check=False).returncode == 0  # noqa: E731
    found.health("rabbitmq", asked)


@contextmanager
def postgres(found: Composition) -> Iterator[None]:
    """The wheel's PostgreSQL, by TCP and with a password, as the composition's address wants it."""
    import psycopg2

    from workers.supervisor.places import Places
    from workers.supervisor.servers import EmbeddedPostgres

    folder = Path(tempfile.mkdtemp(prefix="tl-pg-"))
    folder.chmod(0o755)
    places = Places(folder, folder, folder.name)
    places.logs.mkdir()
    port = str(found.ports["pg"])
    more = {"listen_addresses": "127.0.0.1", "port": port}
    os.environ["PGPORT"] = port
    server = EmbeddedPostgres(places, os.environ, more)
    try:
        server.start()
        env = found.services["postgres"]["environment"]
        link = psycopg2.connect(host=str(places.sockets / "pg"), user="postgres", dbname="postgres")
        link.autocommit = True
        with link.cursor() as cursor:
            cursor.execute(
                f"CREATE ROLE {env['POSTGRES_USER']} SUPERUSER LOGIN PASSWORD %s",
                [env["POSTGRES_PASSWORD"]],
            )
            rules = server.data / "pg_hba.conf"
            rules.write_text("local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n")
            cursor.execute("SELECT pg_reload_conf()")
        link.close()
        found.health("postgres", server._answers)
        yield
    finally:
        server.child.stop()
        os.environ.pop("PGPORT", None)
        shutil.rmtree(server.data, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def walk(folder: Path, film: Path, files: tuple[str, ...]) -> None:
    """Start every service in the order it waits for others, and send a film through."""
    found = Composition(folder, files)
    with ExitStack() as stack:
        stack.callback(found.stop)
        if found.is_bucket:
            from moto.server import ThreadedMotoServer

            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            objects = ThreadedMotoServer("127.0.0.1", found.ports["objects"], verbose=False)
            objects.start()
            stack.callback(objects.stop)
            tell({"service": "objects", "stands_in": "moto"})
        stack.enter_context(postgres(found))
        rabbitmq(found)
        for kind in ("webapp", "workers"):
            found.image(kind)
        found.web_environment()
        python, cwd = found.places("prepare")
        words = found.services["prepare"]["command"]
        command = [words[0], words[1], words[2].replace("python ", f"{python} ")]
        done = subprocess.run(
            command,
            cwd=cwd,
            env=found.environment("prepare"),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise SystemExit(done.stderr[-3000:])
        tell({"service": "prepare", "ended": "well", "said": done.stdout.splitlines()[-1]})
        dockerfile = (ROOT / "webapp/Dockerfile").read_text().replace("\\\n", "")
        web = json.loads(re.search(r"^CMD (\[.*\])", dockerfile, re.M).group(1))
        found.start("web", [str(python), *(found.here(word) for word in web[1:])], cwd)
        found.health("web")
        found.nginx()
        for service in ("beat", "worker-cpu", "worker-gpu"):
            _, cwd = found.places(service)
            script = ["sh", str(cwd / "worker.sh"), *found.services[service]["command"]]
            env = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
            found.start(service, script, cwd, **env)
        for service in ("beat", "worker-cpu", "worker-gpu"):
            found.health(service)
        send(found, film)


def send(found: Composition, film: Path) -> None:
    """A film through the whole composition, as a program with a token does it."""
    import base64

    python, cwd = found.places("prepare")
    code = (
        "from webapp.accounts.services import first_account; from webapp.api import tokens; "
        "user, team = first_account('coach@example.org', 'Rovers'); "
        "print(team.pk, tokens.make(user, 'x', ['read', 'write', 'export'], None)[1])"
    )
    said = subprocess.run(
        [python, "manage.py", "shell", "-v", "0", "-c", code], cwd=cwd, env=found.environment("web"),
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    team, token = said.stdout.split()[-2:]
    base = f"https://127.0.0.1:{found.ports['tls']}"
    who = {"Authorization": f"Bearer {token}"}

    def talk(path: str, method: str = "GET", body: bytes | None = None, **more: str) -> bytes:
        status, answer = ask(base + path, method=method, body=body, headers={**who, **more})
        assert status in (200, 201, 204, 206), (path, status, answer[:500])
        return answer

    json_type = {"Content-Type": "application/json"}
    wanted = json.dumps({"team": int(team), "title": "Rovers v United"}).encode()
    match = json.loads(talk("/api/v1/matches", "POST", wanted, **json_type))["id"]
    data = film.read_bytes()
    told = {"match": str(match), "half": "0", "filename": "film.mp4"}
    pairs = ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in told.items())
    tus = {"Tus-Resumable": "1.0.0"}
    location = uploaded_to(
        base, who, {**tus, "Upload-Length": str(len(data)), "Upload-Metadata": pairs}
    )
    chunk = {**tus, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    talk(location, "PATCH", data, **chunk)
    began_s = time.monotonic()
    while (run := json.loads(talk(f"/api/v1/matches/{match}/progress"))).get("state") != "finished":
        assert run.get("state") not in ("failed", "cancelled"), run
        assert time.monotonic() - began_s < 4 * PATIENCE_S, run
        time.sleep(1)
    (video,) = json.loads(talk(f"/api/v1/matches/{match}/videos"))["results"]
    play = f"/media/{video['uuid']}/play.mp4"
    whole = talk(play)
    assert talk(play, Range="bytes=100-299") == whole[100:300]
    assert talk(f"/media/{video['uuid']}/source") == data
    # Nobody without the right, and nobody around the web.
    assert b"ftyp" not in ask(base + play)[1][:64]
    for place in (
        f"/protected/{video['uuid']}/play.mp4",
        "/protected../media",
        "/objects/touchline/x",
    ):
        assert found.get(place)[0] == 404, place
    files = sorted({path.suffix for path in (found.data / "media").rglob("*") if path.is_file()})
    tell({"film": "uploaded, checked, analysed, watched by ranges", "kept_in": "a bucket" if found.is_bucket
          else "a folder", "seconds": round(time.monotonic() - began_s, 1), "files_on_disk": files})  # fmt: skip


def uploaded_to(base: str, who: dict[str, str], headers: dict[str, str]) -> str:
    """Where a new upload goes."""
    import ssl
    import urllib.request

    request = urllib.request.Request(f"{base}/uploads/", method="POST", headers={**who, **headers})
    request.add_header("Host", "localhost")
    with urllib.request.urlopen(request, context=ssl._create_unverified_context()) as answer:
        return answer.headers["Location"]


def main() -> int:
    """Both storages, one after the other."""
    if lacking := missing():
        sys.stderr.write(f"not here: {', '.join(lacking)}\n")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="tl-composition-"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        command = [sys.executable, "-m", "analysis", "simulate", "--out", str(folder / "film")]
        options = ["--minutes", "0.07", "--seed", "7", "--size", "640x360"]
        subprocess.run([*command, *options], cwd=ROOT, check=True, stdout=sys.stderr)
        for name, files in (("folder", FILES[:2]), ("bucket", FILES)):
            (folder / name).mkdir()
            walk(folder / name, folder / "film/match.mp4", files)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
