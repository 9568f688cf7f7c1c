"""Celery's entry: ``celery -A workers.app worker -Q gpu`` (or ``default``); the app itself is the web's."""

from importlib import metadata
from pathlib import Path
from typing import Any

import django
from celery.signals import task_postrun
from celery.worker.control import inspect_command

from webapp.celery import app
from webapp.lib import stored

django.setup()

TASK_MODULES = (
    "workers.tasks.media",
    "workers.tasks.analyse",
    "workers.tasks.reels",
    "workers.tasks.repairs",
    "workers.tasks.layers",
    "workers.tasks.tuning",
)
app.conf.imports = TASK_MODULES


@task_postrun.connect
def let_files_go(**kwargs: Any) -> None:
    """Copies of stored files that a task worked on may make room for others."""
    stored.let_go()


_NVIDIA = Path("/proc/driver/nvidia/version")


@inspect_command()
def about(state: Any) -> dict[str, str]:
    """What a worker tells the status page of itself; nothing is loaded for it."""
    told = {name: metadata.version(name) for name in ("av", "torch", "celery")}
    told["graphics driver"] = _NVIDIA.read_text().splitlines()[0] if _NVIDIA.exists() else "none"
    return told


__all__ = ["app"]
