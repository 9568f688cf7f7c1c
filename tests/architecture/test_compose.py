"""The compose file: every service watched, nothing published but nginx, no secret anybody could know."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
EXPECTED = {
    "nginx", "prepare", "web", "worker-gpu", "worker-cpu", "beat", "postgres", "rabbitmq",
}  # fmt: skip


def test_the_services_are_there():
    assert set(SERVICES) == EXPECTED


def test_every_service_has_a_health_check():
    assert all(service["healthcheck"]["test"] for service in SERVICES.values())


def test_only_nginx_is_reachable_from_outside():
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    outside = [name for name, service in SERVICES.items() if "outside" in service["networks"]]
    assert outside == ["nginx"]


def test_secrets_have_no_defaults():
    for name in ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY", "SITE_URL"):
        uses = re.findall(r"\$\{" + name + r"(:.)", TEXT)
        assert uses and set(uses) == {":?"}
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert re.search(r"^SECRET_KEY=$", example, re.M)


def test_everything_it_mounts_and_builds_from_is_here():
    for service in SERVICES.values():
        if "build" in service:
            assert (ROOT / service["build"]["dockerfile"]).is_file()
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).is_file()


def test_only_known_variables_are_given():
    from tests.architecture.test_house import tracked

    readers = "\n".join(
        path.read_text(encoding="utf-8") for path in tracked() if path.suffix == ".py"
    )
    for name in SERVICES["web"]["environment"]:
        assert f'"{name}"' in readers, f"nothing reads {name}"


@pytest.mark.parametrize("name", ["tls", "gpu", "s3"])
def test_additions_add_to_services_that_are_there(name):
    added = yaml.safe_load((ROOT / f"docker-compose.{name}.yml").read_text(encoding="utf-8"))
    assert set(added["services"]) <= EXPECTED | {"objects"}
    for service in added["services"].values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            known = source.startswith("${") or source in added.get("volumes", {})
            assert known or (ROOT / source).is_file()


def test_both_doors_of_nginx_guard_the_files_alike():
    plain, tls = (
        (ROOT / "deploy" / name).read_text(encoding="utf-8")
        for name in ("nginx.conf", "nginx-tls.conf")
    )
    guarded = re.compile(r"location /protected/ \{.*?\}", re.S)
    assert guarded.search(plain).group() == guarded.search(tls).group()
    assert "internal;" in guarded.search(tls).group()
    for text in (plain, tls):
        # An alias without a slash at its end lets a path climb out.
        assert all(path.endswith("/") for path in re.findall(r"alias (\S+);", text))
        assert "proxy_request_buffering off;" in text


def test_workers_can_be_many():
    for name in ("worker-gpu", "worker-cpu"):
        assert "container_name" not in SERVICES[name] and "ports" not in SERVICES[name]
        assert "$$HOSTNAME" in " ".join(SERVICES[name]["healthcheck"]["test"])


def test_files_in_a_bucket_reach_everybody_who_asks_for_them():
    added = yaml.safe_load((ROOT / "docker-compose.s3.yml").read_text(encoding="utf-8"))["services"]
    settings = added["web"]["environment"]
    for name in set(SERVICES) - {"nginx", "postgres", "rabbitmq"}:
        assert added[name]["environment"] == settings
    assert settings["S3_SECRET_KEY"].startswith("${S3_SECRET_KEY:?")
    assert "ports" not in added["objects"] and added["objects"]["networks"] == ["inside"]
    guard = (ROOT / "deploy" / "nginx-objects.conf").read_text(encoding="utf-8")
    assert "internal;" in guard and f"proxy_pass {settings['S3_ENDPOINT_URL']}/;" in guard
    assert settings["X_ACCEL_OBJECTS"] in guard
    readers = (ROOT / "webapp" / "env.py").read_text(encoding="utf-8")
    assert all(f'"{name}"' in readers for name in settings if name.startswith("S3_"))


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
@pytest.mark.parametrize("more", [(), ("tls",), ("gpu",), ("s3",), ("tls", "gpu", "s3")])
def test_the_files_fit_together(more, tmp_path):
    """As docker-compose itself reads them; without secrets it refuses."""
    files = ["docker-compose.yml", *(f"docker-compose.{name}.yml" for name in more)]
    command = ["docker-compose", *(part for file in files for part in ("-f", file))]
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    note = tmp_path / "filled.env"
    note.write_text(re.sub(r"^(\w+)=$", r"\1=./something", example, flags=re.M))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    options = {"cwd": ROOT, "env": env, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([*command, "--env-file", str(note), "config"], **options)
    assert done.returncode == 0, done.stderr
    assert set(yaml.safe_load(done.stdout)["services"]) >= EXPECTED
    note.write_text("")
    done = subprocess.run([*command, "--env-file", str(note), "config"], **options)
    assert done.returncode != 0 and "in .env" in done.stderr
