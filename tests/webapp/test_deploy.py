"""An installation as it is delivered to the open net: its checks are silent, and plain HTTP is led to TLS."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.urls import reverse

ROOT = Path(__file__).resolve().parents[2]


def test_the_deploy_check_has_nothing_to_say(tmp_path):
    env = os.environ | {
        "DATABASE_URL": "postgresql://touchline:x@postgres/touchline",
        "CELERY_BROKER_URL": "amqp://touchline:x@rabbitmq:5672//",
        "SECRET_KEY": secrets.token_urlsafe(60),
        "SITE_URL": "https://matches.example.org",
        "ALLOWED_HOSTS": "matches.example.org,localhost",
        "BEHIND_PROXY": "1",
        "TOUCHLINE_DATA": str(tmp_path),
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.django_db
def test_plain_http_is_led_to_tls_but_for_machines(client, settings):
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
    door = reverse("accounts:sign_in")
    led = client.get(door)
    assert led.status_code == 301 and led["Location"].startswith("https://")
    answer = client.get(door, headers={"x-forwarded-proto": "https"})
    assert answer.status_code == 200 and "max-age=60" in answer["Strict-Transport-Security"]
    assert client.get(reverse("healthz")).status_code == 200
