import pytest

from analysis.core.containers import container_of

PACKET = b"\x47" + bytes(187)


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\x00\x00\x00\x20ftypisom", "mov"),
        (b"\x00\x00\x00\x08wide\x00\x00\x10\x00mdat", "mov"),
        (b"\x1a\x45\xdf\xa3\x01\x00\x00\x00", "matroska"),
        (b"RIFF\x00\x10\x00\x00AVI LIST", "avi"),
        (PACKET * 3, "mpegts"),
        ((b"\x00\x00\x00\x00" + PACKET) * 3, "mpegts"),
        (b"", None),
        (b"\x00\x00", None),
        (b"\x47" + bytes(400), None),
        (PACKET * 2, None),
        (b"\x00\x00\x00\x03ftypisom", None),
        (b"RIFF\x00\x10\x00\x00WAVEfmt ", None),
        (b"ffconcat version 1.0\nfile secret.ts\n", None),
        (b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n", None),
        (b'<?xml version="1.0"?><MPD ', None),
        (b"Dear coach, this is not a video." * 30, None),
    ],
)
def test_the_first_bytes_decide(head, container):
    assert container_of(head) == container
