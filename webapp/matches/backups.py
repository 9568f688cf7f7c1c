"""A whole installation in one ZIP: every table as ``COPY`` text, every file, and a manifest with their checksums.

Needs no program of the database: tables are read in one repeatable-read transaction, so they fit together. A backup
names the migrations it was made at; ``restore`` brings an empty database exactly there, loads the rows, checks them
against the manifest, and then migrates on to the present version.
"""

import hashlib
import json
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from analysis.core.problems import InputProblem
from webapp.lib import stored

MANIFEST = "manifest.json"
VERSION = 1
MAX_MEMBERS = 2_000_000
PIECE = 1024 * 1024
# Sessions end with a restore; these belong to the machine and not to the club.
LEFT_OUT = {"django_session", "django_migrations"}
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Counted:
    """What was written or read."""

    tables: int
    rows: int
    files: int


def tables() -> list[str]:
    """Every table of the installed rooms, those without a manager included."""
    names = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    return sorted(names - LEFT_OUT)


def _columns(cursor: Any, table: str) -> list[str]:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() "
        "AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        [table],
    )
    return [row[0] for row in cursor.fetchall()]


def _order(cursor: Any, table: str) -> str:
    """Rows in an order that a restored copy repeats: by the primary key."""
    key = connection.introspection.get_primary_key_columns(cursor, table) or []
    return ", ".join(f'"{name}"' for name in key) or "1"


class _Hashing:
    """A file that is written through a digest and counts lines."""

    def __init__(self, inner: Any = None) -> None:
        self._inner, self.digest, self.lines = inner, hashlib.sha256(), 0

    def write(self, piece: bytes | str) -> int:
        data = piece.encode() if isinstance(piece, str) else bytes(piece)
        self.digest.update(data)
        self.lines += data.count(b"\n")
        if self._inner is not None:
            self._inner.write(data)
        return len(piece)


def backup(target: Path, *, with_media: bool = True, tell: Tell = lambda words: None) -> Counted:
    """Write a backup; the file appears whole or not at all.

    Args:
        target: the ZIP to be made; must not exist.
        with_media: pack videos and pictures too.
        tell: hears what is being written.

    Raises:
        InputProblem: ``backup_exists``.
    """
    if target.exists():
        raise InputProblem("backup_exists", f"{target.name} is there already; choose another name.")
    part = target.with_name(f".{target.name}.part")
    manifest: dict[str, Any] = {
        "version": VERSION, "made_at": timezone.now().isoformat(), "tables": {}, "files": {},
        "with_media": with_media,
    }  # fmt: skip
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            with transaction.atomic(), connection.cursor() as cursor:
                if not connection.in_atomic_block or not connection.savepoint_ids:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                manifest["migrations"] = _applied()
                for table in tables():
                    tell(table)
                    manifest["tables"][table] = _write_table(archive, cursor, table)
            for name in stored.media().names() if with_media else ():
                tell(name)
                manifest["files"][name] = _write_file(archive, name)
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        part.replace(target)
        _note_made(target)
    finally:
        part.unlink(missing_ok=True)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Counted(len(manifest["tables"]), rows, len(manifest["files"]))


def _note_made(target: Path) -> None:
    """For the status page: when the last backup was made, and how large it is."""
    note = Path(settings.DATA_DIR) / "last_backup.json"
    with suppress(OSError):
        told = {"made_at": timezone.now().isoformat(), "bytes": target.stat().st_size}
        note.write_text(json.dumps(told), encoding="utf-8")


def last_made() -> dict[str, Any] | None:
    """What ``backup`` noted last (``made_at``, ``bytes``); None when none was made here."""
    try:
        told: dict[str, Any] = json.loads(
            (Path(settings.DATA_DIR) / "last_backup.json").read_text()
        )
    except (OSError, ValueError):
        return None
    return told


def _applied() -> list[list[str]]:
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def _write_table(archive: zipfile.ZipFile, cursor: Any, table: str) -> dict[str, Any]:
    columns = _columns(cursor, table)
    names = ", ".join(f'"{name}"' for name in columns)
    with archive.open(f"tables/{table}.copy", "w", force_zip64=True) as place:
        through = _Hashing(place)
        cursor.copy_expert(
            f'COPY (SELECT {names} FROM "{table}" ORDER BY {_order(cursor, table)}) TO STDOUT',
            through,
        )
    return {"columns": columns, "rows": through.lines, "sha256": through.digest.hexdigest()}


def _write_file(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    entry = zipfile.ZipInfo(f"media/{name}", (1980, 1, 1, 0, 0, 0))
    with archive.open(entry, "w", force_zip64=True) as place:
        for piece in stored.media().blocks(name):
            digest.update(piece)
            size += len(piece)
            place.write(piece)
    return {"sha256": digest.hexdigest(), "bytes": size}


def restore(source: Path, *, tell: Tell = lambda words: None) -> Counted:
    """Bring a backup into an empty installation, of the same version or a newer one.

    Raises:
        InputProblem: ``backup_unreadable``, ``backup_damaged``, ``backup_newer``, ``not_empty``.
    """
    try:
        archive = zipfile.ZipFile(source)
    except (OSError, zipfile.BadZipFile) as error:
        raise InputProblem(
            "backup_unreadable", f"{source.name} is no backup of this program; choose another file."
        ) from error
    with archive:
        manifest = checked(archive, tell)
        _refuse_if_lived_in()
        _migrate_to(manifest["migrations"])
        _load(archive, manifest, tell)
        _put_files(archive, manifest, tell)
    call_command("migrate", verbosity=0)
    rows = sum(table["rows"] for table in manifest["tables"].values())
    return Counted(len(manifest["tables"]), rows, len(manifest["files"]))


def checked(archive: zipfile.ZipFile, tell: Tell = lambda words: None) -> dict[str, Any]:
    """The manifest, once every member was compared with it. Raises: InputProblem as ``restore``."""
    names = archive.namelist()
    damaged = InputProblem(
        "backup_damaged", "This backup is damaged or was changed; use another one."
    )
    if len(names) > MAX_MEMBERS or len(names) != len(set(names)) or MANIFEST not in names:
        raise damaged
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        expected = {
            f"tables/{name}.copy": row["sha256"] for name, row in manifest["tables"].items()
        }
        expected |= {f"media/{name}": row["sha256"] for name, row in manifest["files"].items()}
        version = manifest["version"]
    except (KeyError, TypeError, AttributeError, ValueError, zipfile.BadZipFile) as error:
        raise damaged from error
    if version != VERSION:
        raise InputProblem(
            "backup_newer", "This backup was made by a newer version; update this one first."
        )
    if set(names) != {MANIFEST, *expected} or not all(map(_is_plain, names)):
        raise damaged
    for name, digest in expected.items():
        tell(name)
        try:
            with archive.open(name) as member:
                if _digest_of(member) != digest:
                    raise damaged
        except (zipfile.BadZipFile, OSError, EOFError) as error:
            raise damaged from error
    return manifest


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return (
        not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name
    )


def _digest_of(opened: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while piece := opened.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _refuse_if_lived_in() -> None:
    if "accounts_user" not in connection.introspection.table_names():
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)")
        if cursor.fetchone()[0]:
            raise InputProblem(
                "not_empty", "This installation has accounts; restore into an empty one."
            )


def _migrate_to(migrations: list[list[str]]) -> None:
    """Bring the database to exactly the migrations of the backup."""
    loader = MigrationLoader(connection)
    unknown = [
        f"{app}.{name}" for app, name in migrations if (app, name) not in loader.disk_migrations
    ]
    if unknown:
        raise InputProblem(
            "backup_newer",
            f"This backup needs a newer version, which knows {unknown[0]}; update this one first.",
        )
    held = {(app, name) for app, name in migrations}
    for app in sorted({app for app, _ in migrations}):
        inside = [node for node in loader.graph.nodes if node[0] == app and node in held]
        for node in inside:
            following = {child.key for child in loader.graph.node_map[node].children}
            if not any(key in held and key[0] == app for key in following):
                call_command("migrate", app, node[1], verbosity=0)


def _load(archive: zipfile.ZipFile, manifest: dict[str, Any], tell: Tell) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        there = set(connection.introspection.table_names(cursor))
        missing = sorted(set(manifest["tables"]) - there)
        if missing:
            raise InputProblem(
                "backup_damaged",
                f"This backup has a table that is not known ({missing[0]}); use another one.",
            )
        quoted = ", ".join(f'"{name}"' for name in manifest["tables"])
        cursor.execute(f"TRUNCATE {quoted} CASCADE")
        for table, row in manifest["tables"].items():
            tell(table)
            columns = _columns(cursor, table)
            if set(row["columns"]) - set(columns):
                raise InputProblem(
                    "backup_damaged", f"The columns of {table} are not known; use another backup."
                )
            names = ", ".join(f'"{name}"' for name in row["columns"])
            with archive.open(f"tables/{table}.copy") as member:
                cursor.copy_expert(f'COPY "{table}" ({names}) FROM STDIN', member)
            _same(cursor, table, row)
        _go_on_counting(cursor)


def _same(cursor: Any, table: str, row: dict[str, Any]) -> None:
    """Read a restored table back and compare its digest with the backup's."""
    names = ", ".join(f'"{name}"' for name in row["columns"])
    through = _Hashing()
    cursor.copy_expert(
        f'COPY (SELECT {names} FROM "{table}" ORDER BY {_order(cursor, table)}) TO STDOUT', through
    )
    if through.digest.hexdigest() != row["sha256"]:
        raise InputProblem(
            "backup_damaged",
            f"The rows of {table} came back different, so nothing was restored; use another backup.",
        )


def _go_on_counting(cursor: Any) -> None:
    """Every sequence goes on after the largest number of its column."""
    cursor.execute(
        "SELECT c.table_name, c.column_name, coalesce(pg_get_serial_sequence(quote_ident(c.table_name), c.column_name),"
        " substring(c.column_default from 'nextval\\(''([^'']+)''')) FROM information_schema.columns c "
        "JOIN information_schema.tables t USING (table_schema, table_name) WHERE c.table_schema = current_schema() "
        "AND t.table_type = 'BASE TABLE' AND (c.is_identity = 'YES' OR c.column_default LIKE 'nextval%%')"
    )
    for table, column, sequence in cursor.fetchall():
        if sequence and "_playerposition_" not in table.removeprefix("analytics"):
            cursor.execute(
                f'SELECT setval(%s, coalesce((SELECT max("{column}") FROM "{table}"), 0) + 1, false)',
                [sequence],
            )


def _put_files(archive: zipfile.ZipFile, manifest: dict[str, Any], tell: Tell) -> None:
    place = stored.media()
    place.root.mkdir(parents=True, exist_ok=True)
    for name in manifest["files"]:
        tell(name)
        with (
            archive.open(f"media/{name}") as member,
            tempfile.NamedTemporaryFile(dir=place.root, prefix=".part-", delete=False) as part,
        ):
            shutil.copyfileobj(member, part, PIECE)
        place.put(Path(part.name), name)
