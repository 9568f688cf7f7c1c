"""The list, the set-up pages and the media doors."""

import pytest

from tests.factories import make_match, make_video
from webapp.analytics.models import AnalysisRun
from webapp.matches import checking, selectors
from webapp.matches.models import Match, Upload, Video, VideoState

pytestmark = pytest.mark.django_db


@pytest.fixture
def coach(client, owner, media):
    client.force_login(owner)
    return client


def titles(answer):
    return [card.match.title for card in answer.context["cards"]]


def test_the_empty_list_says_what_to_do(coach, client, teammate):
    assert "Add the first match" in coach.get("/").content.decode()
    client.force_login(teammate)
    page = client.get("/").content.decode()
    assert "Add the first match" not in page
    assert "A coach or owner of Rovers adds matches" in page


def test_the_list_shows_the_current_team_only(coach, team, outsider):
    make_match(outsider.memberships.get().team, title="Secret")
    make_match(team, title="Ours")
    assert titles(coach.get("/")) == ["Ours"]


def test_search_and_filter(coach, team):
    make_match(team, title="Cup final", home_name="Lions")
    done = make_match(team, title="League", home_name="Tigers", away_name="Lions")
    AnalysisRun.objects.create(match=done, state="finished")
    AnalysisRun.objects.create(match=make_match(team, title="Now"), state="running")
    assert set(titles(coach.get("/?q=lions"))) == {"Cup final", "League"}
    assert titles(coach.get("/?q=lions+cup")) == ["Cup final"]
    assert titles(coach.get("/?state=ready")) == ["League"]
    assert titles(coach.get("/?state=working")) == ["Now"]
    assert titles(coach.get("/?state=attention")) == ["Cup final"]
    assert len(titles(coach.get("/?state=owner__password"))) == 3
    assert "Nothing found" in coach.get("/?q=zebra").content.decode()
    part = coach.get("/?q=lions", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part


def test_the_list_asks_a_fixed_number_of_questions(coach, team, django_assert_max_num_queries):
    for _ in range(12):
        AnalysisRun.objects.create(match=(match := make_match(team)), state="finished")
        make_video(match)
    with django_assert_max_num_queries(14):
        coach.get("/")


def test_how_a_match_stands(team, owner, media):
    def words(match):
        return selectors.state_of(selectors.one_match(owner, match.pk).get())

    match = make_match(team)
    assert words(match).words == "No video yet"
    upload = Upload.objects.create(
        user=owner, match=match, original_name="a", size_bytes=200, offset_bytes=50
    )
    assert (words(match).words, words(match).percent) == ("Uploading", 25)
    upload.delete()
    video = make_video(match, state=VideoState.CHECKING)
    assert (words(match).words, words(match).is_moving) == ("Checking the file", True)
    checking.refuse(video, "video_broken", "It is broken.")
    assert (words(match).words, words(match).note) == ("File refused", "It is broken.")
    Video.objects.update(state=VideoState.READY)
    run = AnalysisRun.objects.create(match=match)
    assert (words(match).words, words(match).is_moving) == ("Waiting for a worker", True)
    run.state, run.stage, run.done, run.total = "running", "calibrate", 30, 30
    run.save()
    assert (words(match).words, words(match).percent) == ("Analysing", 99)
    run.state, run.verdict = "finished", "ok"
    run.save()
    assert (words(match).tone, words(match).is_moving) == ("good", False)


def test_a_card_is_polled_only_while_something_moves(coach, team):
    match = make_match(team)
    video = make_video(match, state=VideoState.CHECKING)
    path = f"/matches/{match.pk}/card/"
    assert 'hx-trigger="every 3s"' in coach.get(path).content.decode()
    checking.refuse(video, "x", "No.")
    assert "hx-trigger" not in coach.get(path).content.decode()


FORM = {"home_name": "Lions", "away_name": "Tigers", "pitch_length_m": "100", "pitch_width_m": "64"}


def test_a_new_match_leads_to_its_upload(coach, team, owner):
    answer = coach.post("/matches/new/", FORM)
    match = Match.objects.get()
    assert answer["Location"] == f"/matches/{match.pk}/upload/"
    assert (match.title, match.team, match.created_by) == ("Lions v Tigers", team, owner)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"pitch_length_m": "89"}, "pitch_length_m"),
        ({"pitch_length_m": "121"}, "pitch_length_m"),
        ({"pitch_length_m": "nan"}, "pitch_length_m"),
        ({"pitch_width_m": "44"}, "pitch_width_m"),
        ({"pitch_length_m": "90", "pitch_width_m": "90"}, "pitch_width_m"),
        ({"home_name": ""}, "home_name"),
        ({"played_on": "31.31.2026"}, "played_on"),
    ],
)
def test_impossible_matches_are_refused(coach, change, field):
    answer = coach.post("/matches/new/", {**FORM, **change})
    assert field in answer.context["form"].errors
    assert not Match.objects.exists()


def test_a_changed_pitch_says_that_positions_are_old(coach, team):
    match = make_match(team)
    AnalysisRun.objects.create(match=match, state="finished")
    answer = coach.post(f"/matches/{match.pk}/edit/", {**FORM, "title": "New"}, follow=True)
    assert "after the next analysis" in answer.content.decode()


def test_kits_are_corrected_once_they_were_seen(coach, team):
    match = make_match(team, home_name="Lions", away_name="Tigers")
    path = f"/matches/{match.pk}/edit/"
    assert "Home kit" not in coach.get(path).content.decode()
    Match.objects.update(home_colour="#ff0000", away_colour="#ffffff")
    assert "Home kit" in coach.get(path).content.decode()
    colours = {"home_colour": "#00ff00", "away_colour": "red"}
    assert "away_colour" in coach.post(path, {**FORM, **colours}).context["form"].errors
    coach.post(path, {**FORM, **colours, "away_colour": "#0000ff"})
    coach.post(f"/matches/{match.pk}/swap/")
    match.refresh_from_db()
    assert (match.home_name, match.home_colour) == ("Tigers", "#00ff00")


def test_who_came_in_by_link_is_asked_for_a_password(coach, owner):
    assert "/accounts/me/password/" not in coach.get("/").content.decode()
    owner.set_unusable_password()
    owner.save()
    coach.force_login(owner)
    assert "/accounts/start/" in coach.get("/").content.decode()
    owner.memberships.update(role="coach")
    assert "/accounts/me/password/" in coach.get("/").content.decode()


def test_deleting_asks_first_and_leaves_nothing(coach, team, media, on_commit):
    match = make_match(team)
    video = make_video(match)
    AnalysisRun.objects.create(match=match, state="finished")
    kept = make_video(make_match(team, title="Kept"))
    for each in (video, kept):
        (media / each.folder).mkdir(parents=True)
        (media / each.source_name).write_bytes(b"x")
    path = f"/matches/{match.pk}/delete/"
    assert "cannot be undone" in coach.get(path).content.decode()
    assert Match.objects.count() == 2
    with on_commit():
        assert coach.post(path)["Location"] == "/"
    assert list(Match.objects.values_list("title", flat=True)) == ["Kept"]
    assert not (media / video.folder).exists()
    assert (media / kept.source_name).exists()


def test_a_removed_file_stops_its_analysis(coach, team, media):
    match = make_match(team)
    video = make_video(match)
    run = AnalysisRun.objects.create(match=match, state="running")
    coach.post(f"/matches/{match.pk}/videos/{video.uuid}/remove/")
    run.refresh_from_db()
    assert run.cancel_requested
    assert not Video.objects.exists()


def test_a_duplicate_leads_to_the_match_that_has_the_file(coach, team, outsider):
    first = make_match(team, title="First")
    make_video(first, sha256="ab" * 32)
    make_video(make_match(outsider.memberships.get().team, title="Secret"), sha256="ab" * 32)
    second = make_match(team)
    make_video(second, sha256="ab" * 32, state="refused", problem_code="video_duplicate")
    page = coach.get(f"/matches/{second.pk}/upload/").content.decode()
    assert f'href="/matches/{first.pk}/"' in page
    assert "Secret" not in page


def test_titles_are_text(coach, team):
    make_match(team, title="<script>alert(1)</script>", home_name='"><img src=x>')
    page = coach.get("/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_media_has_ranges_and_the_source_is_for_saving(coach, team, media):
    video = make_video(make_match(team), original_name='a"b\r\nX: y.mov', has_playback=True)
    (media / video.folder).mkdir(parents=True)
    (media / video.folder / "play.mp4").write_bytes(bytes(100))
    (media / video.source_name).write_bytes(bytes(50))
    answer = coach.get(f"/media/{video.uuid}/play.mp4", headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer["Content-Range"]) == (206, "bytes 10-19/100")
    answer = coach.get(f"/media/{video.uuid}/source")
    assert answer["Content-Disposition"].startswith("attachment")
    assert "\n" not in answer["Content-Disposition"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert coach.get(f"/media/{video.uuid}/poster.jpg").status_code == 404
