"""The supervisor's parts, and the whole of it through its command."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import urllib.request

import psutil
import pytest

from tests.journeys.conftest import Stack, stack  # noqa: F401  the fixture
from workers.supervisor import __main__ as command
from workers.supervisor import children, daemon, places


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.setenv("TOUCHLINE_DATA", str(tmp_path / "data of a club"))
    found = places.find_places()
    yield found
    shutil.rmtree(found.sockets, ignore_errors=True)


def alive(mark):
    return [process.name() for process in children.marked(mark)]


def test_places_are_private_short_and_the_same_each_time(here):
    assert stat.S_IMODE(here.sockets.stat().st_mode) in {0o700, 0o711}
    assert len(str(here.sockets / "pg" / ".s.PGSQL.5432")) < 100
    assert " " not in str(here.sockets)
    assert places.find_places() == here
    assert not stat.S_IMODE(here.data.stat().st_mode) & 0o066


def test_a_socket_folder_of_somebody_else_is_refused(here):
    here.sockets.rmdir()
    here.sockets.symlink_to(here.data)
    try:
        with pytest.raises(places.CannotStart, match="belongs to somebody else"):
            places.find_places()
    finally:
        here.sockets.unlink()


def test_the_secret_is_made_once_and_for_its_owner_only(here):
    secret = daemon.own_secret(here)
    first = secret.read_text()
    assert len(first) > 50
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert daemon.own_secret(here).read_text() == first


def test_a_busy_port_is_named_with_the_way_out(here, capsys, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        assert command.main(["up"]) == 1
    said = capsys.readouterr().err
    assert said.splitlines() == [
        f"Port {port} is in use by another program; choose another one with: PORT={port + 1} make up"
    ]
    assert alive(here.mark) == []


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_words(here, capsys, monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    assert command.main(["up"]) == 1
    assert "PORT is a number from 1 to 65535" in capsys.readouterr().err


def test_stopping_a_child_stops_all_it_started(tmp_path, here):
    ready = tmp_path / "ready"
    # A child that ignores SIGTERM, with a grandchild in a session of its own.
    code = (
        "import pathlib, signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        f"pathlib.Path({str(ready)!r}).touch()\n"
        "time.sleep(1000)\n"
    )
    env = os.environ | {children.MARK_NAME: here.mark}
    child = children.Child(
        "stubborn", [sys.executable, "-c", code], env, tmp_path / "log", tmp_path, patience_s=0.1
    )
    child.start()
    from tests.workers.conftest import wait_until

    wait_until(ready.exists, "the child's start")
    assert len(alive(here.mark)) == 2
    child.stop()
    assert alive(here.mark) == []


def test_orphans_of_a_killed_supervisor_are_found_by_their_mark(here):
    env = os.environ | {children.MARK_NAME: here.mark}
    orphan = subprocess.Popen(["sleep", "1000"], env=env, start_new_session=True)
    stranger = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    try:
        assert daemon.stop_orphans(here) == 1
        assert not psutil.pid_exists(orphan.pid)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_later_process_with_a_noted_number_is_left_alone(here):
    stranger = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    note = {"children": [{"name": "web", "pid": stranger.pid, "created_s": 1.0}]}
    here.note.write_text(json.dumps(note))
    try:
        daemon.stop_orphans(here)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def answers(stack, path="/healthz"):  # noqa: F811
    address = f"http://127.0.0.1:{stack.port}{path}"
    with urllib.request.urlopen(address, timeout=30) as answer:
        return answer.status


def supervisor_note(stack):  # noqa: F811
    return json.loads((stack.data / "run" / "supervisor.json").read_text())


def mark_of(stack, monkeypatch):  # noqa: F811
    monkeypatch.setenv("TOUCHLINE_DATA", str(stack.data))
    return places.find_places().mark


@pytest.mark.slow
def test_up_twice_kill_and_down(stack: Stack, monkeypatch):  # noqa: F811
    first = stack.up()
    again = stack.run("up")
    assert "already runs" in again.stdout
    assert first not in again.stdout
    assert answers(stack) == 200

    # Killed: what it held runs on, and the next start takes over.
    note = supervisor_note(stack)
    os.kill(note["pid"], signal.SIGKILL)
    psutil.wait_procs([psutil.Process(note["pid"])] if psutil.pid_exists(note["pid"]) else [], 10)
    assert stack.run("status").returncode == command.STOPPED
    stack.up()
    assert answers(stack) == 200
    assert answers(stack, "/accounts/sign-in/") == 200
    fresh = {child["pid"] for child in supervisor_note(stack)["children"]}
    assert fresh.isdisjoint(child["pid"] for child in note["children"])

    # A program that falls is started again.
    web = next(c for c in supervisor_note(stack)["children"] if c["name"] == "web")
    os.killpg(web["pid"], signal.SIGKILL)
    from tests.workers.conftest import wait_until

    def is_new():
        now = {c["name"]: c["pid"] for c in supervisor_note(stack)["children"]}
        return now["web"] != web["pid"]

    wait_until(is_new, "the web server's return")

    pids = [child["pid"] for child in supervisor_note(stack)["children"]]
    assert stack.run("down").returncode == 0
    assert alive(mark_of(stack, monkeypatch)) == []
    assert not [pid for pid in pids if psutil.pid_exists(pid)]
    assert "does not run" in stack.run("down").stdout


@pytest.mark.slow
def test_down_after_the_supervisor_was_killed_leaves_nothing(stack: Stack, monkeypatch):  # noqa: F811
    stack.up()
    note = supervisor_note(stack)
    os.kill(note["pid"], signal.SIGKILL)
    assert stack.run("down").returncode == 0
    assert alive(mark_of(stack, monkeypatch)) == []
    assert not [c for c in note["children"] if psutil.pid_exists(c["pid"])]
