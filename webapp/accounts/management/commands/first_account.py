"""``python manage.py first_account EMAIL``: the first owner and team; harmless when repeated."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from webapp.accounts.services import first_account


class Command(BaseCommand):
    """Make the first owner and team unless they exist."""

    help = "Make the first owner and team unless they exist, and print both."

    def add_arguments(self, parser: CommandParser) -> None:
        """E-mail and team."""
        parser.add_argument("email", nargs="?", default="coach@example.org")
        parser.add_argument("--team", default="My team")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make and say."""
        try:
            validate_email(options["email"])
        except ValidationError as error:
            raise CommandError(f"{options['email']} is not an e-mail address") from error
        user, team = first_account(options["email"], options["team"])
        self.stdout.write(f"{user.email} owns {team.name} and looks after this site")
