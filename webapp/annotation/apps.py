"""The ``annotation`` room."""

from django.apps import AppConfig


class AnnotationConfig(AppConfig):
    """Named so that labels stay short: ``annotation``."""

    name = "webapp.annotation"
    label = "annotation"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen for new analyses: what people said about the old one is carried over."""
        from webapp.annotation import carrying  # noqa: F401
