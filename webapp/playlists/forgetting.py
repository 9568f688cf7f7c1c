"""A film shows what was in its videos: when one of them is deleted, the films made of it go too."""

from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from webapp.matches.models import Video
from webapp.matches.services import media_path
from webapp.playlists.models import Reel
from webapp.playlists.services import remove_after_commit


@receiver(pre_delete, sender=Video)
def forget_films(sender: type[Video], instance: Video, **kwargs: Any) -> None:
    """Delete the films of every playlist with a clip of a deleted video; their files after the commit."""
    reels = Reel.objects.filter(playlist__clips__video=instance).distinct()
    paths = [media_path(reel.file_name) for reel in reels.select_related("playlist__team")]
    Reel.objects.filter(pk__in=[reel.pk for reel in reels]).delete()
    remove_after_commit(paths)
