"""``python manage.py sanity``: files that are missing, changed, or nobody's."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analysis.core.problems import Transient
from webapp.matches import sanity


class Command(BaseCommand):
    """Compare rows and files; nothing is changed."""

    help = "Name files that are missing, were changed, or that no row knows."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whether contents are read."""
        parser.add_argument("--content", action="store_true", help="read every upload as well")

    def handle(self, *args: Any, **options: Any) -> None:
        """Name them; the exit status is 1 when there are any."""
        try:
            standing = sanity.look(with_content=options["content"])
        except Transient as problem:
            raise CommandError(problem.sentence) from problem
        sanity.note(standing)
        for word in ("missing", "changed", "orphaned"):
            for name in getattr(standing, word):
                self.stdout.write(f"{word}: {name}")
        if not standing.is_sane:
            raise CommandError(
                "Files and rows do not fit. Bring back what is missing or changed from a backup; "
                "what is orphaned may be deleted."
            )
        self.stdout.write(f"{standing.n_files} files, each as its row says.")
