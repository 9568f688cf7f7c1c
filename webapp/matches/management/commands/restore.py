"""``python manage.py restore FILE.zip``: a backup into an empty installation of the same or a newer version."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.core.problems import InputProblem
from webapp.matches import backups


class Command(BaseCommand):
    """Bring a backup back; every row and file is compared with its checksum."""

    help = "Restore a backup into an empty installation."
    # The database may be quite empty.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Which backup."""
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Restore it and say how much it was."""
        tell = self.stderr.write if options["verbosity"] > 1 else lambda words: None
        try:
            done = backups.restore(options["file"], tell=tell)
        except InputProblem as problem:
            raise CommandError(problem.sentence) from problem
        self.stdout.write(f"{done.tables} tables, {done.rows} rows, {done.files} files are back")
