"""The ``playlists`` room."""

from django.apps import AppConfig


class PlaylistsConfig(AppConfig):
    """Named so that labels stay short: ``playlists``."""

    name = "webapp.playlists"
    label = "playlists"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for deleted videos."""
        from webapp.playlists import forgetting  # noqa: F401
