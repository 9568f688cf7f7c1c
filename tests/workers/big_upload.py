"""``python -m tests.workers.big_upload [MB] [INTERRUPTIONS] [SEED]``: a large upload, cut off again and again.

Sends bytes made from a seed to a running installation through tus, over plain sockets. At random places the connection
is dropped in the middle of a chunk, and every fourth time the web server is killed (``kill -9``) as well. What lies on
the disk at the end must have the SHA-256 of what was sent, and no web process may have grown by 50 MB.
"""

import hashlib
import http.client
import os
import random
import signal
import sys
import time
from contextlib import suppress
from urllib.parse import urlsplit

from tests.webapp.matches.tus import CHUNK, MP4_HEAD, metadata
from tests.workers.live import House, house, signed_in, tell

MB = 1024 * 1024
MOST_GROWTH_MB = 50


def main(size_mb: int = 2048, n_cuts: int = 20, seed: int = 1) -> int:
    """Send it; 0 when it arrived whole and the web stayed small."""
    with house(DISK_PAUSE_BYTES="0") as found:
        chance = random.Random(seed)
        sender = _Sender(found, size_mb * MB, seed)
        cuts = sorted(chance.sample(range(MB, size_mb * MB), n_cuts))
        for n, cut in enumerate(cuts):
            sender.send_until(cut)
            if n % 4 == 3:
                os.kill(found.pids()["web"], signal.SIGKILL)
        # The file is no video: the check would remove it before it is compared.
        os.kill(found.pids()["worker-default"], signal.SIGSTOP)
        while sender.here() < sender.size:
            # A broken chunk may still be written down when the next one comes; that one is refused.
            sender.send_until(sender.size)
        stored = sender.stored()
        os.kill(found.pids()["worker-default"], signal.SIGCONT)
        growth = max(sender.growth_mb.values())
        facts = {"mb": size_mb, "interruptions": n_cuts, "servers_killed": n_cuts // 4,
                 "same_sha256": stored == sender.digest(), "most_growth_of_a_web_process_mb": round(growth, 1),
                 "went_back_mb": round(sender.lost / MB, 1)}  # fmt: skip
        tell(facts)
        return int(not facts["same_sha256"] or growth >= MOST_GROWTH_MB)


class _Sender:
    """A browser that loses its line."""

    def __init__(self, found: House, size: int, seed: int) -> None:
        from tests.factories import make_match
        from webapp.accounts.models import User

        self.found, self.size, self.seed = found, size, seed
        self.cookies = signed_in(found, User.objects.get().email)
        self.match = make_match(found.team(), title="Large")
        self.growth_mb: dict[int, float] = {}
        self._first_mb: dict[int, float] = {}
        self.lost = self.sent = 0
        told = metadata(match=self.match.pk, half=0, filename="large.mp4")
        answer = self._ask(
            "POST", "/uploads/", {"Upload-Length": str(size), "Upload-Metadata": told}
        )
        self.path = answer.headers["Location"]

    def piece(self, number: int) -> bytes:
        """A megabyte of the file."""
        data = random.Random(self.seed * 10_007 + number).randbytes(MB)
        return MP4_HEAD + data[len(MP4_HEAD) :] if number == 0 else data

    def digest(self) -> str:
        """SHA-256 of the whole file."""
        whole = hashlib.sha256()
        for number in range(self.size // MB):
            whole.update(self.piece(number))
        return whole.hexdigest()

    def send_until(self, cut: int) -> None:
        """Ask where to go on, then send one chunk that ends at the file's end, and drop the line at ``cut``."""
        offset = self.here()
        self.lost += max(0, self.sent - offset)
        with suppress(OSError, http.client.HTTPException):
            link = self._link()
            link.putrequest("PATCH", self.path)
            chunk = {"Content-Type": CHUNK, "Upload-Offset": str(offset)}
            for name, value in {**self._headers(), **chunk}.items():
                link.putheader(name, value)
            link.putheader("Content-Length", str(self.size - offset))
            link.endheaders()
            at = offset
            while at < cut:
                number, within = divmod(at, MB)
                data = self.piece(number)[within : within + min(MB - within, cut - at)]
                link.send(data)
                at += len(data)
                self._weigh()
            self.sent = at
            if cut == self.size:
                link.getresponse().read()
            link.close()

    def here(self) -> int:
        """How many bytes have arrived."""
        return int(self._ask("HEAD", self.path, {}).headers["Upload-Offset"])

    def stored(self) -> str:
        """SHA-256 of the file as it lies on the disk."""
        from webapp.matches.models import Video
        from webapp.matches.services import media_path

        video = Video.objects.get(match=self.match)
        with media_path(video.source_name).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _weigh(self) -> None:
        import psutil

        with suppress(psutil.Error, KeyError, OSError, ValueError):
            for process in psutil.Process(self.found.pids()["web"]).children():
                mb = process.memory_info().rss / MB
                first = self._first_mb.setdefault(process.pid, mb)
                self.growth_mb[process.pid] = max(self.growth_mb.get(process.pid, 0.0), mb - first)

    def _link(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.found.address).netloc, timeout=120)

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        token = self.cookies["csrftoken"]
        return {"Cookie": cookies, "X-CSRFToken": token, "Tus-Resumable": "1.0.0"}

    def _ask(self, method: str, path: str, headers: dict[str, str]) -> http.client.HTTPResponse:
        """An answer; a server that is away or still busy with the broken chunk is asked again."""
        deadline_s = time.monotonic() + 300
        while True:
            with suppress(OSError, http.client.HTTPException):
                link = self._link()
                link.request(method, path, headers={**self._headers(), **headers})
                answer = link.getresponse()
                answer.read()
                if answer.status < 400:
                    return answer
                if answer.status != 423:
                    raise SystemExit(f"{method} {path}: {answer.status}")
            if time.monotonic() > deadline_s:
                raise SystemExit(f"{method} {path}: no answer")
            time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(*(int(text) for text in sys.argv[1:4])))
