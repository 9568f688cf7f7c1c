"""The report: self-contained, honest about what was seen, and one that a browser draws."""

import html.parser

import pytest
from django.urls import reverse

from tests.webapp.analytics.rooms import make_room
from tests.webapp.exports.sheets import SPOTS, event, sheet, written
from webapp.exports.formats import match_report

OUTSIDE = ("src", "href", "srcset", "data", "action", "xlink:href")


class Reader(html.parser.HTMLParser):
    """Collects what a browser would fetch, and whether tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.fetched, self.open, self.tags = [], [], []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in OUTSIDE]
        self.tags.append(tag)
        if tag not in {"meta", "img"}:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    return reader


def test_a_report_is_whole_and_fetches_nothing():
    text = written(match_report, sheet(spots=SPOTS)).decode()
    reader = read(text)
    assert reader.fetched == [] and "script" not in reader.tags and reader.tags.count("svg") == 8
    assert "4 events, 2 of them reviewed" in text and "B &amp; C &lt;Lee&gt;" in text
    assert "Home FC attacks to the right." in text and "Home FC attacks to the left." in text
    assert "not measured" in text


def test_zones_of_a_report_lie_where_the_pitch_says():
    found = match_report.heat(sheet(spots=SPOTS))
    # x = -40.95 of 105 m is zone 2 of 21; y = 0 begins row 7 of 14; x = 31.5 is zone 16, y = 13.6 row 9.
    assert found[1, "home"][7, 2] == 3 and found[2, "away"][9, 16] == 2


def test_a_long_list_is_cut_and_says_so():
    many = sheet([event(i, 400_000 + i, "Foul") for i in range(410)])
    text = written(match_report, many).decode()
    assert "The first 400 of 410 events" in text and many.dropped[match_report.CUT] == 10


def test_an_empty_match_has_a_report():
    assert "No events." in written(match_report, sheet([])).decode()


@pytest.mark.django_db
def test_a_report_of_a_room(client, owner, team, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    match = make_room(team, halves=(1, 2))
    video = match.videos.first()
    match.videos.filter(pk=video.pk).update(has_poster=True)
    (tmp_path / video.folder).mkdir(parents=True)
    (tmp_path / video.folder / "poster.jpg").write_bytes(b"\xff\xd8 a picture")
    client.force_login(owner)
    answer = client.get(reverse("exports:download", args=[match.pk, "match_report"]))
    assert answer["Content-Disposition"].startswith("attachment")
    reader = read(b"".join(answer.streaming_content).decode())
    assert [each[:23] for each in reader.fetched] == ["data:image/jpeg;base64,"]
