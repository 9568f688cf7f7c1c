"""Celery's entry: ``celery -A workers.app worker -Q gpu`` (or ``default``); the app itself is the web's."""

import django

from webapp.celery import app

django.setup()

TASK_MODULES = (
    "workers.tasks.media",
    "workers.tasks.analyse",
    "workers.tasks.reels",
    "workers.tasks.repairs",
)
app.conf.imports = TASK_MODULES

__all__ = ["app"]
