"""Shapes of the API's answers and questions. Times are milliseconds of the video, places metres in our pitch frame."""

from typing import Any

from rest_framework import serializers

from webapp.accounts.forms import LENGTH_M, WIDTH_M
from webapp.accounts.models import Invitation, Membership, Role, Team, User
from webapp.analytics.models import AnalysisRun, Period, SpottedAction
from webapp.annotation.models import Correction, Kind, LearnedLayer, TagButton
from webapp.matches.forms import MatchForm
from webapp.matches.models import Match, Video
from webapp.playlists.models import Clip, Playlist, Reel


class PlaceSerializer(serializers.ModelSerializer[Membership]):
    """A team and the person's role in it."""

    id = serializers.IntegerField(source="team.pk")
    name = serializers.CharField(source="team.name")

    class Meta:
        model = Membership
        fields = ("id", "name", "role")


class MeSerializer(serializers.ModelSerializer[User]):
    """Who asks."""

    teams = PlaceSerializer(source="memberships", many=True)

    class Meta:
        model = User
        fields = ("id", "email", "display_name", "teams")


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A member of a team."""

    email = serializers.CharField(source="user.email")
    display_name = serializers.CharField(source="user.display_name")

    class Meta:
        model = Membership
        fields = ("id", "email", "display_name", "role", "created_at")


class MatchSerializer(serializers.ModelSerializer[Match]):
    """A match; ``team`` is the number of a team of yours and stays what it was made with."""

    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())
    title = serializers.CharField(max_length=160, required=False, allow_blank=True)
    is_sample = serializers.BooleanField(read_only=True)

    class Meta:
        model = Match
        fields = (
            "id", "team", "title", "home_name", "away_name", "home_colour", "away_colour", "played_on",
            "pitch_length_m", "pitch_width_m", "is_sample", "created_at",
        )  # fmt: skip
        read_only_fields = ("created_at",)

    def validate_team(self, team: Team) -> Team:
        """A team that is not yours does not exist."""
        user = self.context["request"].user
        if not Team.objects.for_user(user).filter(pk=team.pk).exists():
            raise serializers.ValidationError("There is no such team.")
        if self.instance is not None and self.instance.team_id != team.pk:
            raise serializers.ValidationError("A match stays in its team.")
        return team

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """The rules of the page's form, asked of the whole match."""
        now = Match() if self.instance is None else Match(**_plain(self.instance))
        for name, value in attrs.items():
            setattr(now, name, value)
        asked = {
            name: value for name, value in _plain(now).items() if name in MatchForm.Meta.fields
        }
        form = MatchForm(asked, instance=now)
        if not form.is_valid():
            raise serializers.ValidationError(form.errors.get_json_data())
        return {**attrs, "title": form.cleaned_data["title"]}


def _plain(match: Match) -> dict[str, object]:
    return {field.attname: getattr(match, field.attname) for field in Match._meta.concrete_fields}


class VideoSerializer(serializers.ModelSerializer[Video]):
    """A file of a match; ``half`` 0 is the whole match. Its bytes are at ``/media/<uuid>/play`` and ``/source``."""

    class Meta:
        model = Video
        fields = (
            "id", "uuid", "half", "original_name", "size_bytes", "sha256", "state", "problem_code", "problem_sentence",
            "container", "duration_ms", "start_ms", "width_px", "height_px", "fps", "is_constant_rate", "has_audio",
            "has_playback", "has_poster", "created_at",
        )  # fmt: skip


class PeriodSerializer(serializers.ModelSerializer[Period]):
    """Kick-off and end of a period, and who attacks where."""

    class Meta:
        model = Period
        fields = ("number", "video", "kickoff_ms", "end_ms", "home_attacks_right", "is_confirmed")


class RunSerializer(serializers.ModelSerializer[AnalysisRun]):
    """One analysis of a match."""

    class Meta:
        model = AnalysisRun
        fields = (
            "id", "match", "recipe", "state", "attempt", "stage", "done", "total", "cancel_requested", "created_at",
            "started_at", "finished_at", "problem_code", "problem_sentence", "reference", "verdict", "coverage",
            "versions",
        )  # fmt: skip
        read_only_fields = fields


class EventSerializer(serializers.ModelSerializer[SpottedAction]):
    """One event of the shown analysis."""

    class Meta:
        model = SpottedAction
        fields = (
            "id", "video", "period", "position_ms", "period_time_ms", "frame", "label", "team", "x_m", "y_m",
            "confidence", "confidence_kind", "status", "source", "player_number", "player_name", "note",
            "model_version", "raw_confidence", "is_withheld", "lead_ms", "lag_ms",
        )  # fmt: skip
        read_only_fields = fields


class NewEventSerializer(serializers.Serializer[SpottedAction]):
    """An event that the analysis missed."""

    video = serializers.IntegerField()
    position_ms = serializers.IntegerField()
    label = serializers.CharField(max_length=40, required=False)
    team = serializers.ChoiceField(choices=("home", "away", ""), default="")
    button = serializers.IntegerField(
        required=False, help_text="A button of the team's own panel, instead of a label and a team."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Either a label or a button."""
        if ("label" in attrs) == ("button" in attrs):
            raise serializers.ValidationError({"label": "Give a label, or a button instead."})
        return attrs


class TagButtonSerializer(serializers.ModelSerializer[TagButton]):
    """A button of a team's own panel; lead and lag are what its clips show before and after the moment."""

    label = serializers.CharField(max_length=40)
    key = serializers.CharField(max_length=1, required=False, allow_blank=True)
    colour = serializers.RegexField(r"^#[0-9a-f]{6}$", required=False)
    lead_ms = serializers.IntegerField(min_value=0, max_value=120_000, required=False)
    lag_ms = serializers.IntegerField(min_value=0, max_value=120_000, required=False)
    side = serializers.ChoiceField(choices=("home", "away", ""), required=False)

    class Meta:
        model = TagButton
        fields = ("id", "label", "key", "colour", "lead_ms", "lag_ms", "side")


class ChangeSerializer(serializers.Serializer[Correction]):
    """One change of one event; which field counts depends on ``kind``."""

    kind = serializers.ChoiceField(
        choices=[
            Kind.ACCEPT,
            Kind.REJECT,
            Kind.RELABEL,
            Kind.MOVE,
            Kind.TEAM,
            Kind.PLAYER,
            Kind.NOTE,
        ]
    )
    label = serializers.CharField(max_length=40, required=False)
    position_ms = serializers.IntegerField(required=False)
    team = serializers.ChoiceField(choices=("home", "away", ""), required=False)
    number = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=99)
    name = serializers.CharField(max_length=80, required=False, allow_blank=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """A stored change: who, when, from, to, and which model had made the event."""

    class Meta:
        model = Correction
        fields = (
            "id",
            "action",
            "user_name",
            "made_at",
            "kind",
            "before",
            "after",
            "model_version",
            "reverses",
        )
        read_only_fields = fields


class FormatSerializer(serializers.Serializer[object]):
    """A format of download."""

    name = serializers.CharField()
    title = serializers.CharField()
    words = serializers.CharField()
    extension = serializers.CharField()
    drops = serializers.ListField(child=serializers.CharField())


class ImportSerializer(serializers.Serializer[object]):
    """A list of events from another tool."""

    file = serializers.FileField()
    lead = serializers.FloatField(min_value=0, max_value=120, default=7)
    offset = serializers.FloatField(min_value=-36_000, max_value=36_000, default=0)


class BroughtSerializer(serializers.Serializer[object]):
    """What came of it."""

    added = serializers.IntegerField()
    known = serializers.IntegerField()
    outside = serializers.IntegerField()
    unknown = serializers.DictField(child=serializers.IntegerField())


class TeamSerializer(serializers.ModelSerializer[Team]):
    """A team; the pitch is what new matches begin with."""

    pitch_length_m = serializers.FloatField(
        min_value=LENGTH_M[0], max_value=LENGTH_M[1], required=False
    )
    pitch_width_m = serializers.FloatField(
        min_value=WIDTH_M[0], max_value=WIDTH_M[1], required=False
    )

    class Meta:
        model = Team
        fields = ("id", "name", "pitch_length_m", "pitch_width_m", "created_at")
        read_only_fields = ("created_at",)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A pitch is longer than wide."""
        sides = [
            attrs.get(name, getattr(self.instance, name, usual))
            for name, usual in (("pitch_length_m", 105.0), ("pitch_width_m", 68.0))
        ]
        if sides[1] >= sides[0]:
            raise serializers.ValidationError(
                {"pitch_width_m": "A pitch is longer than it is wide."}
            )
        return attrs


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An open place in a team."""

    class Meta:
        model = Invitation
        fields = ("id", "email", "role", "expires_at")
        read_only_fields = ("expires_at",)


class FreshInvitationSerializer(InvitationSerializer):
    """An invitation with its link, which is known only now."""

    link = serializers.URLField()

    class Meta(InvitationSerializer.Meta):
        fields = (*InvitationSerializer.Meta.fields, "link")  # type: ignore[assignment]


class RoleSerializer(serializers.Serializer[Membership]):
    """A member's new role."""

    role = serializers.ChoiceField(choices=Role.choices)


class LearnedLayerSerializer(serializers.ModelSerializer[LearnedLayer]):
    """What one fit learned: temperature, bias and threshold by class, and how it did on held-out corrections."""

    class Meta:
        model = LearnedLayer
        fields = ("number", "made_at", "user_name", "classes", "counts", "measured", "is_better")
        read_only_fields = fields


class LayerStateSerializer(serializers.Serializer[object]):
    """How a team's layer stands."""

    in_use = serializers.IntegerField()
    learned = LearnedLayerSerializer(many=True)
    job = serializers.DictField(allow_null=True)


class TunedWeightsSerializer(serializers.Serializer[object]):
    """What one tuning came to."""

    number = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    is_better = serializers.BooleanField()
    measured = serializers.DictField()
    sha256 = serializers.CharField()


class TuningStateSerializer(serializers.Serializer[object]):
    """How the tuning of a team's spotter stands."""

    in_use = serializers.IntegerField()
    tuned = TunedWeightsSerializer(many=True)
    job = serializers.DictField(allow_null=True)


class LayerNumberSerializer(serializers.Serializer[object]):
    """Which layer; 0 is the model's own confidences."""

    number = serializers.IntegerField(min_value=0)


class NewPeriodSerializer(serializers.Serializer[Period]):
    """One period as a person says it is; times are the video's own clock."""

    number = serializers.IntegerField(min_value=1, max_value=5)
    video = serializers.IntegerField()
    kickoff_ms = serializers.IntegerField(min_value=0)
    end_ms = serializers.IntegerField(min_value=0, required=False, allow_null=True)
    home_attacks_right = serializers.BooleanField(required=False, allow_null=True)


class PlayerSerializer(serializers.Serializer[object]):
    """One player of a line-up."""

    number = serializers.IntegerField(min_value=1, max_value=99)
    name = serializers.RegexField(r"^[^\r\n]*$", max_length=80, allow_blank=True, default="")


class LineupsSerializer(serializers.Serializer[object]):
    """Both line-ups."""

    home = PlayerSerializer(many=True, required=False)
    away = PlayerSerializer(many=True, required=False)


class NewRepairSerializer(serializers.Serializer[object]):
    """What was dragged over one picture: places of the pitch with their pixels, lines by name with two pixels each."""

    video = serializers.IntegerField()
    time_ms = serializers.IntegerField(min_value=0)
    points = serializers.ListField(child=serializers.DictField(), default=list, max_length=40)
    lines = serializers.ListField(child=serializers.DictField(), default=list, max_length=40)


class PlaylistSerializer(serializers.ModelSerializer[Playlist]):
    """A playlist; ``team`` is the number of a team of yours."""

    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.all())

    class Meta:
        model = Playlist
        fields = ("id", "team", "title", "created_at")
        read_only_fields = ("created_at",)

    def validate_team(self, team: Team) -> Team:
        """A team that is not yours does not exist."""
        user = self.context["request"].user
        if not Team.objects.for_user(user).filter(pk=team.pk).exists():
            raise serializers.ValidationError("There is no such team.")
        return team


class TitleSerializer(serializers.Serializer[Playlist]):
    """A new title."""

    title = serializers.CharField(max_length=120)


class ClipSerializer(serializers.ModelSerializer[Clip]):
    """A clip; times are the video's own clock, points of drawings are shares of the picture."""

    match = serializers.IntegerField(source="video.match_id", read_only=True)

    class Meta:
        model = Clip
        fields = (
            "id", "place", "match", "video", "action", "start_ms", "end_ms", "title", "stills",
        )  # fmt: skip
        read_only_fields = fields


class NewClipSerializer(serializers.Serializer[Clip]):
    """A stretch (``video``, ``start_ms``, ``end_ms``), one ``event``, or all events of a ``label``, of one match."""

    match = serializers.IntegerField()
    video = serializers.IntegerField(required=False)
    start_ms = serializers.IntegerField(required=False)
    end_ms = serializers.IntegerField(required=False)
    title = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    event = serializers.IntegerField(required=False)
    label = serializers.CharField(max_length=40, required=False)
    lead_ms = serializers.IntegerField(required=False, min_value=0, max_value=120_000)
    lag_ms = serializers.IntegerField(required=False, min_value=0, max_value=120_000)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """Exactly one of the three, whole."""
        if sum(name in attrs for name in ("video", "event", "label")) != 1:
            raise serializers.ValidationError("Send one of video, event and label.")
        if "video" in attrs and not {"start_ms", "end_ms"} <= set(attrs):
            raise serializers.ValidationError("A stretch needs start_ms and end_ms.")
        return attrs


class ClipChangeSerializer(serializers.Serializer[Clip]):
    """What may change of a clip."""

    title = serializers.CharField(max_length=120, required=False, allow_blank=True)
    start_ms = serializers.IntegerField(required=False)
    end_ms = serializers.IntegerField(required=False)
    stills = serializers.ListField(child=serializers.DictField(), required=False)
    step = serializers.ChoiceField(choices=(-1, 1), required=False)


class FilmSerializer(serializers.ModelSerializer[Reel]):
    """A film of a playlist and how far it is."""

    class Meta:
        model = Reel
        fields = (
            "uuid", "state", "percent", "with_titles", "problem_sentence", "size_bytes", "created_at",
        )  # fmt: skip
        read_only_fields = fields


class NewFilmSerializer(serializers.Serializer[Reel]):
    """How the film is made."""

    with_titles = serializers.BooleanField(default=True)


class NewLinkSerializer(serializers.Serializer[object]):
    """For how long a link shows its film, and whether it may be saved."""

    days = serializers.IntegerField()
    may_download = serializers.BooleanField(default=False)


class FreshLinkSerializer(serializers.Serializer[object]):
    """A link with its address, which is known only now."""

    id = serializers.IntegerField()
    address = serializers.URLField()
    expires_at = serializers.DateTimeField()
