"""Files over HTTP with byte ranges (RFC 9110 §14), so that a browser can seek in a video.

Behind nginx the file leaves through an internal location (``X-Accel-Redirect``), from a disk, or from a bucket by a
signed address that no browser sees, and nginx answers the ranges. Without nginx this module does: one range is answered
with 206; of several ranges the first one, as a player that gets it simply asks again; a range that begins behind the
end with 416. A malformed header is ignored, as the RFC wants.

A player asks for "everything from here" and then stops reading when it has enough; each such answer would hold a thread
of the web server for as long as the page is open. So a range to the end may be answered with its first megabytes only
(RFC 9110 §15.3.7 allows a subset), and the player asks for the next.
"""

import re

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header, http_date

from analysis.core.problems import Transient
from webapp.lib import stored

_RANGE = re.compile(r"^\s*(\d*)-(\d*)\s*$")


class Unsatisfiable(Exception):
    """The range begins behind the end of the file."""


def parse_range(header: str, size: int) -> tuple[int, int] | None:
    """First and last byte (inclusive) that a ``Range`` header asks for, None for "all of it".

    Raises: Unsatisfiable.
    """
    unit, _, ranges = header.partition("=")
    found = _RANGE.match(ranges.split(",")[0]) if unit.strip().lower() == "bytes" else None
    if found is None or found.groups() == ("", ""):
        return None
    first_text, last_text = found.groups()
    if not first_text:
        length = min(int(last_text), size)
        if length == 0:
            raise Unsatisfiable
        return size - length, size - 1
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        return None
    if first >= size:
        raise Unsatisfiable
    return first, last


def ranged_file(
    request: HttpRequest,
    name: str,
    content_type: str,
    *,
    download_as: str | None = None,
    piece_bytes: int | None = None,
) -> HttpResponseBase:
    """The answer to a GET or HEAD for a stored file; the caller has decided that the user may see it.

    Args:
        request: looked at for its range and validators.
        name: of the file in ``stored.media()``.
        content_type: what it is.
        download_as: offer it for saving under this name instead of showing it.
        piece_bytes: the most that a range to the end of the file is answered with; None for all of it.

    Raises: Http404 when the file is gone.
    """
    place = stored.media()
    try:
        facts = place.facts(name)
    except Transient as problem:
        return HttpResponse(problem.sentence, status=503, content_type="text/plain")
    if facts is None:
        raise Http404
    headers = {
        "Cache-Control": "private, no-cache",
        "ETag": f'"{facts.tag}"',
        "Last-Modified": http_date(facts.changed_s),
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Type": content_type,
    }
    if download_as is not None:
        headers["Content-Disposition"] = content_disposition_header(True, download_as) or ""  # noqa: FBT003
    if location := place.inside_address(name, str(request.method)):
        return HttpResponse(headers={**headers, "X-Accel-Redirect": location})
    if request.headers.get("If-None-Match", "") in (headers["ETag"], "*"):
        return HttpResponse(status=304, headers=headers)
    return _answer(request, name, facts.size_bytes, headers, piece_bytes)


def _answer(
    request: HttpRequest, name: str, size: int, headers: dict[str, str], piece_bytes: int | None
) -> HttpResponseBase:
    code, first, last = 200, 0, size - 1
    if_range = request.headers.get("If-Range")
    if "Range" in request.headers and if_range in (None, headers["ETag"], headers["Last-Modified"]):
        try:
            wanted = parse_range(request.headers["Range"], size)
        except Unsatisfiable:
            return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        if wanted is not None:
            code, (first, last) = 206, wanted
            # "To the end" in whatever words: Chromium asks for the last byte by its number.
            if piece_bytes and last == size - 1:
                last = min(last, first + piece_bytes - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    if request.method == "HEAD":
        return HttpResponse(status=code, headers=headers)
    blocks = stored.media().blocks(name, first, last + 1)
    return StreamingHttpResponse(blocks, status=code, headers=headers)
