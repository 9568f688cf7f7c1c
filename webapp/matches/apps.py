"""The ``matches`` room."""

from django.apps import AppConfig


class MatchesConfig(AppConfig):
    """Named so that labels stay short: ``matches``."""

    name = "webapp.matches"
    label = "matches"
    default_auto_field = "django.db.models.BigAutoField"
