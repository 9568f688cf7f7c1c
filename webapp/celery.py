"""The Celery app that web and workers share. Tasks are sent by name with ids only; payloads are JSON."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("touchline")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_default_queue="default",
    # JSON logs are Django's to write; lines for people are Celery's.
    worker_hijack_root_logger=os.environ.get("LOG_FORMAT") != "json",
    task_routes={"workers.analyse.*": {"queue": "gpu"}},
    broker_connection_retry_on_startup=True,
    # Longer than the longest run: the job row, not the broker, decides who works (docs/adr/0007).
    broker_transport_options={
        "visibility_timeout": 12 * 3600,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
    },
)
