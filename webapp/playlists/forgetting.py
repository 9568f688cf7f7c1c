"""A film shows what was in its videos: when one of them is deleted, the films made of it go too.

The sanity check learns here which films there should be.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models.signals import pre_delete
from django.dispatch import receiver

from webapp.matches import sanity
from webapp.matches.models import Video
from webapp.matches.services import removal, remove_after_commit
from webapp.playlists.models import Reel


@receiver(pre_delete, sender=Video)
def forget_films(sender: type[Video], instance: Video, **kwargs: Any) -> None:
    """Delete the films of every playlist with a clip of a deleted video; their files after the commit."""
    reels = Reel.objects.filter(playlist__clips__video=instance).distinct()
    names = [reel.file_name for reel in reels.select_related("playlist__team")]
    Reel.objects.filter(pk__in=[reel.pk for reel in reels]).delete()
    remove_after_commit(*map(removal, names))


@sanity.wanted_by
def films() -> Iterator[sanity.Wanted]:
    """The files of finished films."""
    for reel in Reel.objects.filter(state="finished").select_related("playlist__team").iterator():
        yield sanity.Wanted(reel.file_name, reel.size_bytes or None)
