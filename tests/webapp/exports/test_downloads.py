"""Downloads: golden bytes, hostile names, honest blanks, flat streams, and who may have them."""

import gzip
import io
from datetime import UTC, datetime

import pytest
from django.urls import reverse

from analysis.core.tables import EVENTS, TRACKING, read_csv
from tests.factories import make_match, make_video
from tests.webapp.analytics.rooms import make_room, make_run, store_positions
from webapp.analytics.models import CalibrationSample, Period, SpottedAction
from webapp.exports import services, views

pytestmark = pytest.mark.django_db
HEADER = ",".join(EVENTS.header)


@pytest.fixture
def match(team):
    match = make_match(team, title="Rövers v “United”: 2–1")
    run = make_run(match)
    video = make_video(match, fps=25.0, duration_ms=20_000)
    common = {"run": run, "video": video, "period": 1}
    SpottedAction.objects.create(
        **common, position_ms=1_480, frame=37, label="Kick-off", team="home", x_m=0.0, y_m=-0.001,
        confidence=0.97, model_version="rules 1",
    )  # fmt: skip
    SpottedAction.objects.create(
        **common, position_ms=12_000, frame=300, label="=HYPERLINK(1)", x_m=-52.5, y_m=-34.0,
        confidence=0.41, status="confirmed", source="coach", model_version="a;b",
    )  # fmt: skip
    SpottedAction.objects.create(
        **common, position_ms=13_000, label="Goal", confidence=0.9, status="rejected"
    )
    return match


def body(client, match, name, **query) -> bytes:
    answer = client.get(reverse("exports:download", args=[match.pk, name]), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def numbered(match) -> list[int]:
    return list(
        SpottedAction.objects.filter(run__match=match).order_by("id").values_list("id", flat=True)
    )


def test_events_csv_to_the_byte(client, owner, match):
    client.force_login(owner)
    one, two, _ = numbered(match)
    assert body(client, match, "events_csv").decode("utf-8") == (
        f"\ufeff{HEADER}\r\n"
        f"{one},m-{match.pk},1,00:01,1.480,1.480,00:00:01.480,37,Kick-off,home,,,0.00,0.00,0.970,raw,"
        "auto,model,rules 1,0.000,6.480,,\r\n"
        f"{two},m-{match.pk},1,00:12,12.000,12.000,00:00:12.000,300,'=HYPERLINK(1),,,,-52.50,-34.00,0.410,raw,"
        'confirmed,coach,"a;b",5.000,17.000,,\r\n'
    )


def test_semicolons_and_decimal_commas(client, owner, match):
    client.force_login(owner)
    lines = body(client, match, "events_csv", dialect="semicolon").decode("utf-8-sig").split("\r\n")
    assert lines[0] == HEADER.replace(",", ";")
    assert ";-52,50;-34,00;0,410;" in lines[2]


def test_only_reviewed_events(client, owner, match):
    client.force_login(owner)
    text = io.StringIO(body(client, match, "events_csv", events="reviewed").decode(), newline="")
    assert [row["status"] for row in read_csv(EVENTS, text)] == ["confirmed"]


def test_kickoffs_set_the_clock(client, owner, match):
    video = match.videos.get()
    Period.objects.create(match=match, number=1, video=video, kickoff_ms=2_000)
    Period.objects.create(match=match, number=2, video=video, kickoff_ms=10_000)
    client.force_login(owner)
    text = io.StringIO(body(client, match, "events_csv").decode(), newline="")
    rows = [
        (row["period"], row["period_time_s"], row["match_clock"]) for row in read_csv(EVENTS, text)
    ]
    assert rows == [(1, -0.52, "-00:00"), (2, 2.0, "00:02")]


def test_no_frame_numbers_for_a_variable_rate(client, owner, match):
    match.videos.update(is_constant_rate=False)
    client.force_login(owner)
    text = io.StringIO(body(client, match, "events_csv").decode(), newline="")
    assert [row["frame"] for row in read_csv(EVENTS, text)] == [None, None]


def test_a_match_without_events_has_a_header(client, owner, team):
    match = make_match(team)
    make_run(match)
    client.force_login(owner)
    assert body(client, match, "events_csv").decode("utf-8-sig") == f"{HEADER}\r\n"


def test_tracking_says_what_was_not_seen(client, owner, match):
    run, video = match.runs.get(), match.videos.get()
    rest = (0.5, None, None, None, None, None)
    store_positions(
        [
            (match.pk, run.pk, video.pk, 500, 12, 7, 0, 0, 0, -52.5, 3.25, 0.4, *rest),
            (match.pk, run.pk, video.pk, 500, 12, 8, 1, 1, 1, 40.0, 0.0, None, *rest),
            (match.pk, run.pk, video.pk, 1000, 25, 0, -1, 3, 2, 9.0, 9.0, 1.0, *rest),
        ]
    )
    CalibrationSample.objects.create(run=run, video=video, time_ms=500, frame=12, status="ok")
    client.force_login(owner)
    text = gzip.decompress(body(client, match, "tracking_csv")).decode()
    name = f"m-{match.pk}"
    assert text == (
        ",".join(TRACKING.header) + "\n"
        f"{name},1,12,0.500,0.500,7,home,player,,-52.50,3.25,0.40,detected,1,\n"
        f"{name},1,12,0.500,0.500,8,away,goalkeeper,,40.00,0.00,,interpolated,1,\n"
        f"{name},1,25,1.000,1.000,0,,ball,,,,,not_seen,0,\n"
    )


def test_the_same_data_give_the_same_bytes(client, owner, team):
    match = make_room(team, duration_ms=20_000)
    client.force_login(owner)
    for name in services.format_names():
        assert body(client, match, name) == body(client, match, name)


def test_headers_of_a_download(client, owner, match):
    client.force_login(owner)
    answer = client.get(reverse("exports:download", args=[match.pk, "events_csv"]))
    assert answer["X-Content-Type-Options"] == "nosniff" and answer.streaming
    disposition = answer["Content-Disposition"]
    assert disposition.startswith('attachment; filename="Rovers-v-United-2-1_events_csv_')
    assert "filename*=UTF-8''" in disposition and disposition.isascii()


def test_file_names(match):
    moment = datetime(2026, 11, 21, 18, 5, tzinfo=UTC)
    assert (
        services.file_name(match, "events_csv", moment)
        == "Rovers-v-United-2-1_events_csv_20261121-1805.csv"
    )
    match.title = "…/../\r\n"
    assert (
        services.file_name(match, "tracking_csv", moment)
        == f"match-{match.pk}_tracking_csv_20261121-1805.csv.gz"
    )


def test_who_may_download(client, owner, teammate, outsider, match):
    address = reverse("exports:download", args=[match.pk, "events_csv"])
    assert client.get(address).status_code == 302
    for person, status in ((outsider, 404), (teammate, 403), (owner, 200)):
        client.force_login(person)
        assert client.get(address).status_code == status
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("name", ["nothing", "__init__", "os"])
def test_unknown_formats_are_not_there(client, owner, match, name):
    client.force_login(owner)
    assert client.get(reverse("exports:download", args=[match.pk, name])).status_code == 404


@pytest.mark.parametrize("name", services.format_names())
def test_every_format_has_its_words(name):
    form = services.format_module(name)
    assert form.TITLE and form.WORDS and form.EXTENSION and form.CONTENT_TYPE
    assert isinstance(form.DROPS, tuple) and set(form.ASKS) <= set(views.FIELDS)
    assert callable(getattr(form, "pieces", None) or form.files)
