"""The ``accounts`` room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Named so that labels stay short: ``accounts``."""

    name = "webapp.accounts"
    label = "accounts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let ``check --deploy`` ask our questions too."""
        from webapp.lib import checks  # noqa: F401
