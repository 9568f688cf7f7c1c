"""A tus client of a few lines, for tests."""

import base64

CHUNK = "application/offset+octet-stream"
# Enough of an MP4 for the first look: a plausible ``ftyp`` box.
MP4_HEAD = b"\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41"


def mp4(size: int) -> bytes:
    """Bytes that begin like an MP4; different at every place."""
    return (MP4_HEAD + b"".join(i.to_bytes(4, "big") for i in range(size // 4 + 1)))[:size]


def metadata(**pairs) -> str:
    return ",".join(
        f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in pairs.items()
    )


def create(client, match, size, *, half=0, name="match.mp4", **headers):
    told = {
        "Upload-Length": str(size),
        "Upload-Metadata": metadata(match=match.pk, half=half, filename=name),
    }
    return client.post("/uploads/", headers={"Tus-Resumable": "1.0.0", **told, **headers})


def begin(client, match, size, **more) -> str:
    answer = create(client, match, size, **more)
    assert answer.status_code == 201, answer.content
    return answer["Location"]


def patch(client, url, offset, chunk, *, content_type=CHUNK, **headers):
    told = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), **headers}
    return client.generic("PATCH", url, chunk, content_type=content_type, headers=told)


def head(client, url):
    return client.head(url, headers={"Tus-Resumable": "1.0.0"})


def delete(client, url):
    return client.delete(url, headers={"Tus-Resumable": "1.0.0"})
