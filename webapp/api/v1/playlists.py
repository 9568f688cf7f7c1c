"""Playlists, their clips and drawings, films and links."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponseBase
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.permissions import Deed, require
from webapp.analytics import selectors as analytics_selectors
from webapp.analytics.models import SpottedAction
from webapp.api.models import Scope
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.base import ApiView
from webapp.lib.ranges import ranged_file
from webapp.matches.models import Match, Video
from webapp.playlists import services
from webapp.playlists.models import Clip, Playlist, Reel


class PlaylistView(ApiView):
    """A view of one playlist; another team's is not there."""

    def playlist(self, deed: Deed | None = None) -> Playlist:
        """The playlist of the address. Raises: NotFound, PermissionDenied."""
        rows = Playlist.objects.for_user(self.request.user).select_related("team")
        found = rows.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise NotFound("There is no such playlist.")
        if deed is not None:
            require(self.request.user, deed, found.team)
        return found

    def film(self, playlist: Playlist) -> Reel:
        """The film of the address. Raises: NotFound."""
        found = playlist.reels.filter(uuid=self.kwargs["film"]).first()
        if found is None:
            raise NotFound("There is no such film.")
        return found


@extend_schema(parameters=[OpenApiParameter("team", int, description="Only this team's.")])
class Playlists(ApiView, generics.ListAPIView[Playlist]):
    """Playlists of your teams, newest first."""

    serializer_class = shapes.PlaylistSerializer

    def get_queryset(self) -> "QuerySet[Playlist]":
        """Filtered by ``team``."""
        rows = Playlist.objects.for_user(self.request.user).order_by("-created_at", "-id")
        team = self.request.query_params.get("team", "")
        if team and not (team.isascii() and team.isdigit() and len(team) < 19):
            raise ValidationError({"team": "A whole number."})
        return rows.filter(team_id=int(team)) if team else rows

    @extend_schema(request=shapes.PlaylistSerializer, responses={201: shapes.PlaylistSerializer})
    def post(self, request: Request) -> Response:
        """Make an empty one."""
        asked = shapes.PlaylistSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        require(request.user, Deed.CLIP, asked.validated_data["team"])
        asked.save(created_by=request.user)
        return Response(asked.data, status=status.HTTP_201_CREATED)


class OnePlaylist(PlaylistView):
    """One playlist."""

    @extend_schema(responses=shapes.PlaylistSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """Its team and title; its clips have their own address."""
        return Response(shapes.PlaylistSerializer(self.playlist()).data)

    @extend_schema(request=shapes.TitleSerializer, responses=shapes.PlaylistSerializer)
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Give it another title."""
        playlist = self.playlist(Deed.CLIP)
        asked = shapes.TitleSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        playlist.title = asked.validated_data["title"]
        playlist.save(update_fields=["title"])
        return Response(shapes.PlaylistSerializer(playlist).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Delete it with its films and links; the matches stay."""
        services.delete_playlist(self.playlist(Deed.CLIP))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Clips(PlaylistView, generics.ListAPIView[Clip]):
    """Clips of a playlist, in their order."""

    serializer_class = shapes.ClipSerializer

    def get_queryset(self) -> "QuerySet[Clip]":
        """Of a visible playlist."""
        return Clip.objects.filter(playlist=self.playlist())

    @extend_schema(
        request=shapes.NewClipSerializer, responses={201: shapes.ClipSerializer(many=True)}
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Put clips at its end: a stretch, one event, or all events of a kind (overlapping ones become one)."""
        playlist = self.playlist(Deed.CLIP)
        asked = shapes.NewClipSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        made = _added(request, playlist, asked.validated_data)
        return Response(shapes.ClipSerializer(made, many=True).data, status=status.HTTP_201_CREATED)


def _added(request: Request, playlist: Playlist, given: dict[str, Any]) -> list[Clip]:
    matches = Match.objects.for_user(request.user).filter(team=playlist.team)
    match = matches.filter(pk=given["match"]).first()
    if match is None:
        raise ValidationError({"match": "There is no such match in this playlist's team."})
    if "video" in given:
        video = Video.objects.filter(match=match, pk=given["video"]).first()
        if video is None:
            raise ValidationError({"video": "There is no such video in this match."})
        return [
            services.add_range(playlist, video, given["start_ms"], given["end_ms"], given["title"])
        ]
    run = analytics_selectors.shown_run(request.user, match.pk)
    if "event" in given:
        rows = SpottedAction.objects.filter(run=run, pk=given["event"])
        actions = list(rows.select_related("video__match"))
        if not actions:
            raise ValidationError({"event": "There is no such event in this match."})
    else:
        actions = services.match_events(match, given["label"], run.pk if run else None)
    label = actions[0].label if actions else given["label"]
    lead_ms, lag_ms = services.length_of(playlist.team, label)
    lead_ms, lag_ms = given.get("lead_ms", lead_ms), given.get("lag_ms", lag_ms)
    return services.add_events(playlist, actions, lead_ms=lead_ms, lag_ms=lag_ms)


class OneClip(PlaylistView):
    """One clip."""

    def clip(self) -> Clip:
        """The clip of the address. Raises: NotFound, PermissionDenied."""
        rows = self.playlist(Deed.CLIP).clips.select_related("video")
        found = rows.filter(pk=self.kwargs["clip"]).first()
        if found is None:
            raise NotFound("There is no such clip.")
        return found

    @extend_schema(request=shapes.ClipChangeSerializer, responses=shapes.ClipSerializer)
    def patch(self, request: Request, **kwargs: Any) -> Response:
        """Change its title, its bounds or its drawings, or move it (``step`` -1 up, 1 down)."""
        clip = self.clip()
        asked = shapes.ClipChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        services.edit_clip(
            clip,
            title=given.get("title", clip.title),
            start_ms=given.get("start_ms", clip.start_ms),
            end_ms=given.get("end_ms", clip.end_ms),
        )
        if "stills" in given:
            services.set_stills(clip, given["stills"])
        if given.get("step"):
            services.move_clip(clip, given["step"])
            clip.refresh_from_db()
        return Response(shapes.ClipSerializer(clip).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, **kwargs: Any) -> Response:
        """Take it out."""
        self.clip().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


class Films(PlaylistView, generics.ListAPIView[Reel]):
    """Films of a playlist, newest first."""

    serializer_class = shapes.FilmSerializer

    def get_queryset(self) -> "QuerySet[Reel]":
        """Of a visible playlist."""
        return Reel.objects.filter(playlist=self.playlist()).order_by("-id")

    @extend_schema(request=shapes.NewFilmSerializer, responses={202: shapes.FilmSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Have a film made; the one in work is answered when there is one."""
        playlist = self.playlist(Deed.EXPORT)
        asked = shapes.NewFilmSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        reel = services.queue_reel(playlist, request.user, **asked.validated_data)
        return Response(shapes.FilmSerializer(reel).data, status=status.HTTP_202_ACCEPTED)


class CancelFilm(PlaylistView):
    """A film's making, stopped."""

    @extend_schema(request=None, responses=shapes.FilmSerializer)
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Stop it: at once while it waits, soon while it is made."""
        reel = self.film(self.playlist(Deed.EXPORT))
        services.cancel_reel(reel)
        reel.refresh_from_db()
        return Response(shapes.FilmSerializer(reel).data)


class FilmFile(PlaylistView):
    """The bytes of a film."""

    scope = Scope.EXPORT

    @extend_schema(responses={200: OpenApiTypes.BINARY})
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        """The finished MP4 file; ranges are allowed."""
        playlist = self.playlist(Deed.EXPORT)
        reel = self.film(playlist)
        if reel.state != "finished":
            raise NotFound("This film is not finished.")
        shown = f"{playlist.title}.mp4"
        return ranged_file(request._request, reel.file_name, "video/mp4", download_as=shown)


class FilmLinks(PlaylistView):
    """Links that show one film to people without an account."""

    @extend_schema(request=shapes.NewLinkSerializer, responses={201: shapes.FreshLinkSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Make a link for 1, 7 or 30 days; its address is in this answer and never again."""
        reel = self.film(self.playlist(Deed.SHARE))
        asked = shapes.NewLinkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        link, token = services.share(reel, request.user, **asked.validated_data)
        address = request.build_absolute_uri(reverse("playlists:shared", args=[token]))
        told = {"id": link.pk, "address": address, "expires_at": link.expires_at}
        return Response(shapes.FreshLinkSerializer(told).data, status=status.HTTP_201_CREATED)
