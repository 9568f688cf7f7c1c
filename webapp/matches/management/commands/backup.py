"""``python manage.py backup FILE.zip``: rows, files and their checksums."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.core.problems import InputProblem
from webapp.matches import backups


class Command(BaseCommand):
    """Write a backup of the whole installation while it runs."""

    help = "Write every row and every file into one ZIP with checksums."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where to, and whether with videos."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--no-media", action="store_true", help="rows only, without videos")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it and say how much it was."""
        tell = self.stderr.write if options["verbosity"] > 1 else lambda words: None
        try:
            done = backups.backup(options["file"], with_media=not options["no_media"], tell=tell)
        except InputProblem as problem:
            raise CommandError(problem.sentence) from problem
        self.stdout.write(
            f"{done.tables} tables, {done.rows} rows, {done.files} files in {options['file'].name}"
        )
