"""The ``exports`` room."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    """Named so that labels stay short: ``exports``."""

    name = "webapp.exports"
    label = "exports"
    default_auto_field = "django.db.models.BigAutoField"
