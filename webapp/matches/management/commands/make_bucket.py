"""``python manage.py make_bucket``: the bucket of S3_BUCKET, where the installation keeps its own S3 server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from analysis.core.problems import Transient
from webapp.lib import stored


class Command(BaseCommand):
    """Make the bucket unless it is there; nothing to do where files lie on a disk."""

    help = "Make the bucket that S3_BUCKET names, if there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it and say so."""
        place = stored.media()
        if isinstance(place, stored.OnDisk):
            self.stdout.write("Files are kept on a disk; no bucket is needed.")
            return
        try:
            made = place.make()
        except Transient as problem:
            raise CommandError(problem.sentence) from problem
        self.stdout.write("The bucket is made." if made else "The bucket is there.")
