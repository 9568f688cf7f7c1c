"""The ``api`` room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Named so that labels stay short: ``api``."""

    name = "webapp.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
