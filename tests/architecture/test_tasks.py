"""Tasks are sent by name; every name the web sends is one that a worker knows."""

import ast
import inspect
from pathlib import Path

from webapp import jobs

ROOT = Path(__file__).resolve().parents[2]


def registered():
    from workers.app import app

    app.loader.import_default_modules()
    return {name for name in app.tasks if not name.startswith("celery.")}


def test_every_sent_name_is_registered_and_nothing_else():
    assert registered() == set(jobs.TASK_NAMES)


def test_payloads_are_json_ids():
    from workers.app import app

    assert app.conf.accept_content == ["json"]
    for name in jobs.TASK_NAMES:
        signature = inspect.signature(app.tasks[name].run)
        assert [p.annotation for p in signature.parameters.values()] == [int]


def test_only_jobs_sends_tasks():
    for package in ("webapp", "workers"):
        for path in (ROOT / package).rglob("*.py"):
            if path.name == "jobs.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute):
                    assert node.attr not in {"send_task", "delay"}, f"{path}:{node.lineno}"
