"""Backup, wipe, restore: the same checksums of rows and files; damaged or hostile backups change nothing."""

import io
import json
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from analysis.core.problems import InputProblem
from tests.factories import make_member
from tests.webapp.analytics.rooms import make_room
from webapp.accounts.models import Team, User
from webapp.analytics.models import SpottedAction
from webapp.lib import stored
from webapp.matches import backups
from webapp.matches.models import Match

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def lived_in(settings, tmp_path, kept):
    """An installation with a match, positions and files; its name has everything that text can have."""
    settings.MEDIA_ROOT = tmp_path / "media"
    owner = make_member("alice@example.org", "owner")
    match = make_room(
        owner.memberships.get().team, duration_ms=10_000, title="Tab\t, \\N and Ünï\ncode"
    )
    folder = match.videos.get().folder
    for name, content in (("source.mp4", bytes(range(256)) * 999), ("poster.jpg", b"picture")):
        (tmp_path / "made").write_bytes(content)
        stored.media().put(tmp_path / "made", f"{folder}/{name}")
    (settings.MEDIA_ROOT / folder).mkdir(parents=True, exist_ok=True)
    (settings.MEDIA_ROOT / folder / ".part-x").write_bytes(b"half")
    return tmp_path


def contents(path: Path) -> dict:
    with zipfile.ZipFile(path) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    return {key: manifest[key] for key in ("tables", "files", "migrations")}


def wipe(settings, tmp_path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE " + ", ".join(f'"{name}"' for name in backups.tables()) + " CASCADE"
        )
    for name in stored.media().names():
        stored.media().remove(name)
    settings.MEDIA_ROOT = tmp_path / "new media"


def test_backup_wipe_restore(settings, lived_in, capsys):
    first, second = lived_in / "first.zip", lived_in / "second.zip"
    call_command("backup", first)
    wipe(settings, lived_in)
    call_command("restore", first)
    call_command("backup", second)
    assert contents(first) == contents(second)
    told = contents(first)
    assert len(told["files"]) == 2 and told["tables"]["analytics_playerposition"]["rows"] > 100
    assert Match.objects.get().title == "Tab\t, \\N and Ünï\ncode"
    assert "2 files are back" in capsys.readouterr().out
    # New rows get new numbers.
    taken = set(SpottedAction.objects.values_list("pk", flat=True))
    another = make_room(Team.objects.get(), duration_ms=2_000)
    assert not taken & set(
        SpottedAction.objects.filter(run__match=another).values_list("pk", flat=True)
    )


def test_from_a_disk_into_a_bucket(settings, lived_in, kept, request):
    """An installation moves to the other storage by a backup."""
    first, second = lived_in / "first.zip", lived_in / "second.zip"
    call_command("backup", first)
    wipe(settings, lived_in)
    if kept == "disk":
        request.getfixturevalue("bucket")
    else:
        settings.STORAGES = storages_on_disk(settings)
    call_command("restore", first)
    assert len(list(stored.media().names())) == 2
    call_command("backup", second)
    assert contents(first) == contents(second)


def storages_on_disk(settings):
    on_disk = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
    return {**settings.STORAGES, "default": on_disk, "artifacts": on_disk}


def test_rows_alone(settings, lived_in):
    call_command("backup", lived_in / "rows.zip", "--no-media")
    assert contents(lived_in / "rows.zip")["files"] == {}


def test_an_installation_with_accounts_is_left_alone(lived_in):
    call_command("backup", lived_in / "a.zip")
    with pytest.raises(CommandError, match="empty"):
        call_command("restore", lived_in / "a.zip")
    with pytest.raises(CommandError, match="already"):
        call_command("backup", lived_in / "a.zip")


def changed(path: Path, change) -> Path:
    """The backup with its members changed."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def _of_manifest(members, change):
    manifest = json.loads(members["manifest.json"])
    change(manifest)
    members["manifest.json"] = json.dumps(manifest).encode()


MATCHES = "tables/matches_match.copy"
OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def _climbs_out(members):
    members["media/../../x"] = b""
    _of_manifest(members, lambda told: told["files"].update({"../../x": {"sha256": OF_NOTHING}}))


HARM = {
    "a changed row": lambda m: m.update({MATCHES: m[MATCHES].replace(b"Tab", b"Tub")}),
    "a lost table": lambda m: m.pop(MATCHES),
    "a foreign member": lambda m: m.update({"tables/../../x": b""}),
    "a path out of the folder": _climbs_out,
    "no manifest": lambda m: m.pop("manifest.json"),
    "a list for a manifest": lambda m: m.update({"manifest.json": b"[]"}),
    "a later version": lambda m: _of_manifest(m, lambda told: told.update(version=99)),
}  # fmt: skip


@pytest.mark.parametrize("harm", HARM)
def test_harmed_backups_are_refused(settings, lived_in, harm):
    call_command("backup", lived_in / "a.zip")
    bad = changed(lived_in / "a.zip", HARM[harm])
    wipe(settings, lived_in)
    with pytest.raises(InputProblem) as refused:
        backups.restore(bad)
    assert refused.value.code in {"backup_damaged", "backup_newer"}
    assert not User.objects.exists() and not list(stored.media().names())


def test_what_is_no_zip_is_refused(tmp_path):
    (tmp_path / "a.zip").write_bytes(b"PK nonsense")
    with pytest.raises(InputProblem) as refused:
        backups.restore(tmp_path / "a.zip")
    assert refused.value.code == "backup_unreadable"


def test_a_cut_backup_is_refused(lived_in):
    call_command("backup", lived_in / "a.zip")
    raw = (lived_in / "a.zip").read_bytes()
    spoiled = bytearray(raw)
    spoiled[200:260] = b"\0" * 60
    with zipfile.ZipFile(io.BytesIO(bytes(spoiled))) as archive, pytest.raises(InputProblem):
        backups.checked(archive)
