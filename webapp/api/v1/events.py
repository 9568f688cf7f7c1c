"""Events, their corrections, positions, downloads and lists from other tools."""

from typing import Any
from urllib.parse import quote

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from webapp.accounts.permissions import Deed
from webapp.analytics import windows
from webapp.analytics.models import AnalysisRun, SpottedAction
from webapp.annotation import selectors as annotation_selectors
from webapp.annotation import services as annotation
from webapp.annotation import tagging
from webapp.annotation.models import Correction, Kind, TagButton
from webapp.api.models import Scope
from webapp.api.v1 import serializers as shapes
from webapp.api.v1.base import ApiView, MatchView
from webapp.exports import bringing, services
from webapp.exports.clips import MAX_BYTES
from webapp.exports.forms import options_of
from webapp.exports.views import note_export
from webapp.matches.models import Match, Video

STATUSES = ("auto", "confirmed", "corrected", "added", "rejected")


@extend_schema(
    parameters=[
        OpenApiParameter("label", str, description="Only this class."),
        OpenApiParameter(
            "status", str, enum=STATUSES, description="Without it all but rejected ones."
        ),
        OpenApiParameter("least", float, description="Least confidence, 0 to 1."),
    ]
)
class Events(MatchView, generics.ListAPIView[SpottedAction]):
    """Events of the shown analysis, in playing order."""

    serializer_class = shapes.EventSerializer

    def get_queryset(self) -> "QuerySet[SpottedAction]":
        """Filtered by ``label``, ``status`` and ``least``."""
        self.match()
        asked = self.request.query_params
        rows = SpottedAction.objects.filter(run=self.run())
        rows = rows.filter(label=asked["label"]) if asked.get("label") else rows
        if chosen := asked.get("status"):
            if chosen not in STATUSES:
                raise ValidationError({"status": f"One of {', '.join(STATUSES)}."})
            rows = rows.filter(status=chosen)
        else:
            rows = rows.standing()
        try:
            least = float(asked.get("least", 0))
        except ValueError as error:
            raise ValidationError({"least": "A number from 0 to 1."}) from error
        return rows.filter(confidence__gte=least).order_by("video__half", "position_ms", "id")

    @extend_schema(request=shapes.NewEventSerializer, responses={201: shapes.EventSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Add an event that the analysis missed, or press a button of the team's own panel."""
        match = self.match(Deed.CORRECT)
        asked = shapes.NewEventSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = dict(asked.validated_data)
        video = (
            Video.objects.for_user(request.user).filter(match=match, pk=given.pop("video")).first()
        )
        if video is None:
            raise ValidationError({"video": "There is no such video in this match."})
        record = _added(request, self.run(), video, given)
        return Response(shapes.EventSerializer(record.action).data, status=status.HTTP_201_CREATED)


def _added(request: Request, run: AnalysisRun, video: Video, given: dict[str, Any]) -> Correction:
    if "button" not in given:
        return annotation.add(request.user, run, video, **given)
    try:
        button = tagging.button_of(request.user, video.match.team, given["button"])
    except TagButton.DoesNotExist as error:
        raise ValidationError({"button": "There is no such button on the team's panel."}) from error
    return tagging.press(request.user, run, video, button, given["position_ms"])


class OneEvent(MatchView):
    """One event."""

    def event(self) -> SpottedAction:
        """The event of the address. Raises: NotFound."""
        try:
            return annotation_selectors.action_of(
                self.request.user, self.kwargs["pk"], self.kwargs["event"]
            )
        except SpottedAction.DoesNotExist as error:
            raise NotFound("There is no such event.") from error

    @extend_schema(responses=shapes.EventSerializer)
    def get(self, request: Request, **kwargs: Any) -> Response:
        """The event as it stands."""
        return Response(shapes.EventSerializer(self.event()).data)


class Corrections(OneEvent):
    """What people said about one event."""

    pagination_class = None

    @extend_schema(responses=shapes.CorrectionSerializer(many=True))
    def get(self, request: Request, **kwargs: Any) -> Response:
        """All records of the event, oldest first."""
        rows = Correction.objects.for_user(request.user).filter(action=self.event()).order_by("id")
        return Response(shapes.CorrectionSerializer(rows, many=True).data)

    @extend_schema(request=shapes.ChangeSerializer, responses={201: shapes.EventSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Accept, reject or change the event; the answer is the event as it stands now."""
        self.match(Deed.CORRECT)
        event = self.event()
        asked = shapes.ChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _change(request, event, asked.validated_data)
        return Response(shapes.EventSerializer(self.event()).data, status=status.HTTP_201_CREATED)


def _change(request: Request, event: SpottedAction, given: dict[str, Any]) -> None:
    kind = given["kind"]
    needed = {
        Kind.RELABEL: "label",
        Kind.MOVE: "position_ms",
        Kind.TEAM: "team",
        Kind.NOTE: "note",
    }.get(kind)
    if needed is not None and needed not in given:
        raise ValidationError({needed: f"Needed to {kind}."})
    if kind == Kind.ACCEPT:
        annotation.accept(request.user, event)
    elif kind == Kind.REJECT:
        annotation.reject(request.user, event)
    elif kind == Kind.RELABEL:
        annotation.relabel(request.user, event, given["label"])
    elif kind == Kind.MOVE:
        annotation.move(request.user, event, given["position_ms"])
    elif kind == Kind.TEAM:
        annotation.set_team(request.user, event, given["team"])
    elif kind == Kind.PLAYER:
        annotation.set_player(request.user, event, given.get("number"), given.get("name", ""))
    else:
        annotation.set_note(request.user, event, given["note"])


class Reversal(MatchView):
    """Your own last change of a match, taken back or done again."""

    @extend_schema(request=None, responses=shapes.CorrectionSerializer)
    def post(self, request: Request, what: str, **kwargs: Any) -> Response:
        """``undo`` or ``redo``."""
        match = self.match(Deed.CORRECT)
        record = (
            annotation.undo(request.user, match)
            if what == "undo"
            else annotation.redo(request.user, match)
        )
        return Response(shapes.CorrectionSerializer(record).data)


class Positions(MatchView):
    """Players, ball and camera between two times of one video, as columns."""

    @extend_schema(
        parameters=[
            OpenApiParameter("video", int, required=True),
            OpenApiParameter("from", int, required=True, description="Milliseconds."),
            OpenApiParameter("to", int, required=True, description="At most three minutes later."),
        ],
        responses={200: dict},
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        """One list a column; metres in the frame with the origin at the centre spot."""
        self.match()
        try:
            video_id, from_ms, to_ms = (
                int(request.query_params[n]) for n in ("video", "from", "to")
            )
            match, video, run = windows.window_run(request.user, self.kwargs["pk"], video_id)
            return Response(
                windows.positions_window(
                    match=match, video=video, run=run, from_ms=from_ms, to_ms=to_ms
                )
            )
        except (KeyError, ValueError) as error:
            words = (
                str(error)
                if isinstance(error, windows.WindowRefused)
                else "video, from, to: whole numbers"
            )
            raise ValidationError(words) from error
        except (Match.DoesNotExist, Video.DoesNotExist, AnalysisRun.DoesNotExist) as error:
            raise NotFound("There is no such video, or no finished analysis yet.") from error


class Formats(ApiView):
    """Formats of download."""

    pagination_class = None

    @extend_schema(responses=shapes.FormatSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Name, title, and what each cannot keep."""
        return Response([_format(name) for name in services.format_names()])


def _format(name: str) -> dict[str, Any]:
    form = services.format_module(name)
    return {
        "name": name, "title": form.TITLE, "words": form.WORDS, "extension": form.EXTENSION, "drops": list(form.DROPS),
    }  # fmt: skip


class Export(MatchView):
    """One file of a match."""

    scope = Scope.EXPORT

    @extend_schema(
        parameters=[
            OpenApiParameter(name, str, description="As on the download page.")
            for name in ("events", "lead", "lag", "offset", "dialect", "per_half", "manifest")
        ],
        responses={200: OpenApiTypes.BINARY},
    )
    def get(self, request: Request, name: str, **kwargs: Any) -> StreamingHttpResponse:
        """The file, made while it is sent."""
        if name not in services.format_names():
            raise NotFound("There is no such format.")
        match = self.match(Deed.EXPORT)
        found = services.download(
            request.user, match, self.run(), name, options_of(request.query_params)
        )
        note_export(request._request, match, found.name)
        response = StreamingHttpResponse(found.pieces, content_type=found.content_type)
        response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name)}"
        response["X-Content-Type-Options"] = "nosniff"
        response["Cache-Control"] = "private, no-store"
        return response


class Import(MatchView):
    """Events from another tool's list."""

    parser_classes = (MultiPartParser,)

    @extend_schema(request=shapes.ImportSerializer, responses={201: shapes.BroughtSerializer})
    def post(self, request: Request, **kwargs: Any) -> Response:
        """Sportscode XML, LongoMatch CSV or SoccerNet JSON become hand-made events."""
        match = self.match(Deed.CORRECT)
        asked = shapes.ImportSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        if given["file"].size > MAX_BYTES:
            raise ValidationError({"file": "At most 20 MB."})
        clips = bringing.read(given["file"].name, given["file"].read())
        result = bringing.bring(
            request.user,
            match,
            clips,
            lead_ms=round(1000 * given["lead"]),
            offset_ms=round(1000 * given["offset"]),
        )
        return Response(shapes.BroughtSerializer(result).data, status=status.HTTP_201_CREATED)
