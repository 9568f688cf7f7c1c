"""FIFA's EPTS pair in Metrica's flavour: ``epts_metadata.xml`` and ``epts_tracking.txt``; kloppy reads it.

Readers cut a frame rate and a pitch size to whole numbers, so frames lie on a grid of 25 a second and the pitch is
rounded to whole metres; places are shares of the pitch and stay where they are. Frames run on over all videos.
"""

from collections.abc import Iterator

from webapp.exports.formats.metrica_tracking import GRID_HZ, columns_of, frames_of
from webapp.exports.sheet import Options, Sheet
from webapp.exports.writing import chunks, xml_text

TITLE = "FIFA EPTS"
WORDS = "FIFA's format for tracking data in Metrica's flavour: metadata and positions."
EXTENSION = "zip"
CONTENT_TYPE = "application/zip"
ASKS = ("rate",)
DROPS = (
    "Referees, roles and how a position is known are left out.",
    "The pitch is rounded to whole metres and frames lie on a grid of 25 a second.",
)
_SIDES = {True: "left_to_right", False: "right_to_left", None: "unknown"}


def files(sheet: Sheet, options: Options) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, bytes); the positions first, since the metadata name their first and last frames."""
    tracks = columns_of(sheet)
    ends: dict[int, list[int]] = {}
    yield "epts_tracking.txt", chunks(_rows(sheet, tracks, ends))
    yield "epts_metadata.xml", chunks(_metadata(sheet, tracks, ends))


def _rows(sheet: Sheet, tracks: dict[str, list[int]], ends: dict[int, list[int]]) -> Iterator[str]:
    players = [*tracks["home"], *tracks["away"]]
    nothing = ("NaN", "NaN")
    last, shift = 0, 0
    for period, number, found in frames_of(sheet, is_counting=True):
        if period not in ends and number + shift <= last:
            # The next video begins at zero again; a reader wants frames that only grow.
            shift = last + 1 - number
        last = number + shift
        ends.setdefault(period, [last, last])[1] = last
        people = ";".join(",".join(found.get(track, nothing)) for track in players)
        yield f"{last}:{people}:{','.join(found.get(0, nothing))}\n"


def _metadata(
    sheet: Sheet, tracks: dict[str, list[int]], ends: dict[int, list[int]]
) -> Iterator[str]:
    facts = sheet.facts
    day = f"{facts.day or '1970-01-01'}T00:00:00.000Z"
    yield '<?xml version="1.0" encoding="utf-8"?>\n<main>\n <Metadata>\n'
    yield f"  <GlobalConfig><FileDate>{day}</FileDate><FileName>{xml_text(facts.match_id)}</FileName>"
    yield "<TrackingType>Optical</TrackingType><ProviderName>Metrica Sports</ProviderName>"
    yield f"<FrameRate>{GRID_HZ}</FrameRate>\n   <ProviderGlobalParameters>"
    for name, period in (
        ("first_half", 1),
        ("second_half", 2),
        ("first_extra", 3),
        ("second_extra", 4),
    ):
        if period in ends or period < 3:
            begin, end = ends.get(period, [0, 0])
            yield _parameter(f"{name}_start", begin) + _parameter(f"{name}_end", end)
    yield "</ProviderGlobalParameters></GlobalConfig>\n"
    yield f'  <Sessions><Session id="session1"><SessionType>Match</SessionType><Start>{day}</Start>\n'
    yield '   <MatchParameters><Score idLocalTeam="TEAM_A" idVisitingTeam="TEAM_B"><LocalTeamScore>0</LocalTeamScore>'
    yield "<VisitingTeamScore>0</VisitingTeamScore></Score></MatchParameters>\n"
    length, width = (round(size) for size in facts.pitch_m)
    yield f"   <FieldSize><Width>{length}</Width><Height>{width}</Height></FieldSize></Session></Sessions>\n"
    yield from _people(sheet, tracks)
    yield " </Metadata>\n"
    yield from _shape(tracks, ends)
    yield "</main>\n"


def _parameter(name: str, value: object) -> str:
    return f"<ProviderParameter><Name>{name}</Name><Value>{value}</Value></ProviderParameter>"


def _people(sheet: Sheet, tracks: dict[str, list[int]]) -> Iterator[str]:
    facts = sheet.facts
    yield "  <Teams>"
    for side, team, name in (("home", "TEAM_A", facts.home), ("away", "TEAM_B", facts.away)):
        way = _SIDES[facts.attacks_right(1, side)]
        yield f'<Team id="{team}"><Name>{xml_text(name)}</Name><ProviderTeamsParameters>'
        yield _parameter("attack_direction_first_half", way) + "</ProviderTeamsParameters></Team>"
    yield "</Teams>\n  <Players>"
    for side, team in (("home", "TEAM_A"), ("away", "TEAM_B")):
        for track in tracks[side]:
            yield f'<Player id="t{track}" teamId="{team}"><Name>track {track}</Name><ShirtNumber>{track}</ShirtNumber>'
            yield "<ProviderPlayerParameters>" + _parameter("position_type", "Unknown")
            yield _parameter("position_index", -1) + "</ProviderPlayerParameters></Player>"
    yield '</Players>\n  <Devices><Device id="device1"><Name>Device1</Name><Sensors><Sensor id="position">'
    yield "<Name>position_sensor</Name><Channels>"
    for axis in "xy":
        yield f'<Channel id="{axis}"><Name>{axis}_coordinate</Name><Unit>normalized</Unit></Channel>'
    yield "</Channels></Sensor></Sensors></Device></Devices>\n  <PlayerChannels>"
    for track in (*tracks["home"], *tracks["away"]):
        for axis in "xy":
            yield f'<PlayerChannel channelId="{axis}" id="t{track}_{axis}" playerId="t{track}"/>'
    yield "</PlayerChannels>\n"


def _shape(tracks: dict[str, list[int]], ends: dict[int, list[int]]) -> Iterator[str]:
    begin = min((each[0] for each in ends.values()), default=0)
    end = max((each[1] for each in ends.values()), default=0)
    yield f' <DataFormatSpecifications><DataFormatSpecification endFrame="{end}" separator=":" startFrame="{begin}">'
    yield '<StringRegister name="frameCount"/>\n  <SplitRegister separator=";">'
    for track in (*tracks["home"], *tracks["away"]):
        yield '<SplitRegister separator=",">'
        yield f'<PlayerChannelRef playerChannelId="t{track}_x"/><PlayerChannelRef playerChannelId="t{track}_y"/>'
        yield "</SplitRegister>"
    yield '</SplitRegister>\n  <SplitRegister separator=","><BallChannelRef channelId="x"/>'
    yield '<BallChannelRef channelId="y"/></SplitRegister>\n'
    yield " </DataFormatSpecification></DataFormatSpecifications>\n"
