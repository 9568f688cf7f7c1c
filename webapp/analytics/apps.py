"""The ``analytics`` room."""

from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    """Named so that labels stay short: ``analytics``."""

    name = "webapp.analytics"
    label = "analytics"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for what is deleted in the rooms below."""
        from webapp.analytics import forgetting  # noqa: F401
