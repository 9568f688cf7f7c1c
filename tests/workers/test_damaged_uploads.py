"""Damaged files through the whole way: upload in pieces, check in a child of its own, sentence, nothing left behind.

The normal suite takes a few seeds; ``DAMAGED_FILES=500 pytest tests/workers/test_damaged_uploads.py -s`` prints what
``docs/benchmarks/reliability.md`` shows.
"""

import json
import os
import random
import resource
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from analysis.core.problems import InputProblem
from analysis.video.encode import FilmWriter
from analysis.video.probe import probe
from tests.webapp.matches import tus
from webapp import jobs
from webapp.matches.models import Upload, Video, VideoState
from webapp.matches.services import delete_video
from workers.tasks.media import check_video

N_FILES = int(os.environ.get("DAMAGED_FILES", "12"))
HOSTILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "hostile_media"
LIMIT_S, LIMIT_BYTES = 60, 6 * 1024**3


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> bytes:
    """One second of moving noise as MP4."""
    path = tmp_path_factory.mktemp("sound") / "a.mp4"
    noise = np.random.default_rng(5).integers(0, 255, (96, 160, 3), np.uint8)
    with FilmWriter(path, (160, 96), 25) as film:
        for i in range(25):
            film.write(np.roll(noise, 3 * i, axis=1), 40 * i)
    return path.read_bytes()


def damaged(whole: bytes, seed: int) -> tuple[str, bytes]:
    """(kind, bytes): flipped bits, a cut, a rewritten header, or pieces in the wrong order."""
    rng = random.Random(seed)
    kind = ("flips", "cut", "header", "shuffled")[seed % 4]
    data = bytearray(whole)
    if kind == "flips":
        for _ in range(rng.choice((1, 10, 200))):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif kind == "cut":
        del data[rng.randrange(1, len(data)) :]
    elif kind == "header":
        # Sizes and offsets of boxes are what a reader trusts; the first twelve bytes still say MP4.
        for _ in range(rng.choice((1, 4, 16))):
            box = rng.choice(
                [
                    b"moov",
                    b"mvhd",
                    b"trak",
                    b"stsz",
                    b"stco",
                    b"stts",
                    b"stsd",
                    b"avcC",
                    b"mdhd",
                    b"tkhd",
                ]
            )
            at = data.find(box)
            at = at + rng.randrange(-4, 24) if at > 12 else rng.randrange(12, len(data) - 4)
            data[at : at + 4] = rng.choice((b"\0\0\0\0", b"\xff\xff\xff\xff", rng.randbytes(4)))
    else:
        third = len(data) // 3
        data = data[:64] + data[2 * third :] + data[third : 2 * third] + data[64:third]
    return kind, bytes(data)


def sent(client, match, data: bytes) -> tuple[Video | None, str]:
    """The video that an upload became, or the sentence of its refusal."""
    address = tus.begin(client, match, len(data))
    half = len(data) // 2
    for begin, piece in ((0, data[:half]), (half, data[half:])):
        answer = tus.patch(client, address, begin, piece)
        if answer.status_code >= 400:
            tus.delete(client, address)
            return None, answer.content.decode()
    return Video.objects.filter(match=match).order_by("-id").first(), ""


def in_a_child(work) -> tuple[int, dict]:
    """Exit status and what the child said of itself; a crash is a status below zero and costs the child alone."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S))
        try:
            said = work()
        except BaseException as error:
            said = {"error": f"{type(error).__name__}: {error}"}
        usage = resource.getrusage(resource.RUSAGE_SELF)
        said |= {"cpu_s": usage.ru_utime + usage.ru_stime, "mb": usage.ru_maxrss / 1024}
        os.write(writer, json.dumps(said).encode()[:60_000])
        os._exit(0)
    os.close(writer)
    told = b""
    while piece := os.read(reader, 65_536):
        told += piece
    os.close(reader)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return status, json.loads(told or b"{}")


def look(path: Path) -> dict:
    """What the check's first step says of a file."""
    try:
        return {"state": "ready", "duration_ms": probe(path).duration_ms}
    except InputProblem as problem:
        return {"state": "refused", "code": problem.code, "sentence": problem.sentence}


@pytest.mark.django_db(transaction=True)
def test_damaged_files_are_sentences(client, owner, team, settings, tmp_path, sound, monkeypatch):
    from tests.factories import make_match

    settings.MEDIA_ROOT, settings.ARTIFACT_ROOT = tmp_path / "media", tmp_path / "artifacts"
    monkeypatch.setattr(jobs, "enqueue_check", lambda pk: None)
    monkeypatch.setattr(jobs, "enqueue_analysis", lambda pk: None)
    client.force_login(owner)
    hostile = sorted(HOSTILE.glob("*.mp4")) if HOSTILE.is_dir() else []
    files = [(path.name, path.read_bytes()) for path in hostile if path.name != "ok.mp4"]
    files += [damaged(sound, seed) for seed in range(N_FILES)]
    found, costs = Counter(), []
    for kind, data in files:
        match = make_match(team)
        video, sentence = sent(client, match, data)
        if video is None:
            assert sentence.endswith("."), sentence
            found[kind, "refused while uploading"] += 1
        else:
            source = settings.MEDIA_ROOT / video.source_name
            status, said = in_a_child(lambda source=source: look(source))
            assert status == 0 and "error" not in said, (kind, status, said)
            costs.append((said["cpu_s"], said["mb"]))
            found[kind, said["state"]] += 1
            if said["state"] == "refused":
                assert said["sentence"].endswith(".")
                check_video(video.pk)
                video.refresh_from_db()
                assert video.state == VideoState.REFUSED and video.problem_sentence
                assert not source.exists()
            delete_video(video)
        assert not Upload.objects.filter(video=None).exists()
        assert not [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert not any(state == "ready" for kind, state in found if kind.endswith(".mp4")), (
        "hostile files were taken"
    )
    most_s, most_mb = (max(column) for column in zip(*costs, strict=True))
    outcomes = {f"{kind}: {state}": n for (kind, state), n in sorted(found.items())}
    told = {
        "files": len(files),
        "most_cpu_s": round(most_s, 2),
        "most_mb": round(most_mb),
        "outcomes": outcomes,
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")
    assert most_s < LIMIT_S and most_mb * 1024**2 < LIMIT_BYTES
