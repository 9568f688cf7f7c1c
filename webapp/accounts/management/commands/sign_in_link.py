"""``python manage.py sign_in_link EMAIL``: print a one-time sign-in address."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from webapp.accounts.models import User
from webapp.accounts.services import make_sign_in_link


class Command(BaseCommand):
    """Print an address that signs the user in once."""

    help = "Print an address that signs a user in once."

    def add_arguments(self, parser: CommandParser) -> None:
        """E-mail and how long the link may wait."""
        parser.add_argument("email")
        parser.add_argument("--minutes", type=int, default=60)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the address."""
        user = User.objects.filter(email__iexact=options["email"], is_active=True).first()
        if user is None:
            raise CommandError(
                f"no account has the e-mail {options['email']}; make one with: python manage.py first_account"
            )
        path = make_sign_in_link(user, options["minutes"])
        self.stdout.write(settings.SITE_URL.rstrip("/") + path)
