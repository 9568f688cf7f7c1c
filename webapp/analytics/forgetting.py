"""Positions have no foreign keys (they are partitioned and filled by COPY), so they are deleted by hand."""

from typing import Any

from django.db import connection
from django.db.models.signals import pre_delete
from django.dispatch import receiver

from webapp.matches.models import Match, Video


@receiver(pre_delete, sender=Match)
def forget_match(sender: type[Match], instance: Match, **kwargs: Any) -> None:
    """Drop a deleted match's positions, in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM analytics_playerposition WHERE match_id = %s", [instance.pk])


@receiver(pre_delete, sender=Video)
def forget_video(sender: type[Video], instance: Video, **kwargs: Any) -> None:
    """Drop a deleted video's positions, in the same transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM analytics_playerposition WHERE match_id = %s AND video_id = %s",
            [instance.match_id, instance.pk],
        )
