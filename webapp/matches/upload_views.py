"""tus 1.0.0 (https://tus.io/protocols/resumable-upload): core, creation, termination and expiration.

Every request carries the session and, where it changes something, the CSRF token: an upload belongs to the person who
began it. Refusals are plain sentences that the page shows as they are.
"""

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseNotAllowed
from django.urls import reverse
from django.utils.http import http_date

from webapp.accounts.permissions import Deed, require
from webapp.accounts.requests import PersonRequest
from webapp.matches import uploads
from webapp.matches.models import Match, Upload
from webapp.matches.uploads import Refusal

VERSION = "1.0.0"
CHUNK_TYPE = "application/offset+octet-stream"
EXTENSIONS = "creation,termination,expiration"
View = Callable[..., HttpResponse]


def _say(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")


def tus(view: View) -> View:
    """What all requests share: who asks, which version, and refusals as sentences."""

    @wraps(view)
    def answer(request: PersonRequest, *args: object, **kwargs: object) -> HttpResponse:
        try:
            response = _guarded(view, request, *args, **kwargs)
        except Refusal as refusal:
            response = _say(refusal.status, refusal.sentence)
        except PermissionDenied as denied:
            response = _say(403, str(denied))
        response.headers["Tus-Resumable"] = VERSION
        response.headers["Cache-Control"] = "no-store"
        return response

    return answer


def _guarded(view: View, request: PersonRequest, *args: object, **kwargs: object) -> HttpResponse:
    if not request.user.is_authenticated:
        return _say(403, "You are signed out. Sign in again, then choose the same file to go on.")
    if request.method == "OPTIONS":
        return _options()
    if request.headers.get("Tus-Resumable") != VERSION:
        response = _say(412, f"This server speaks tus {VERSION}.")
        response.headers["Tus-Version"] = VERSION
        return response
    return view(request, *args, **kwargs)


def _options() -> HttpResponse:
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(settings.UPLOAD_MAX_BYTES),
    }
    return HttpResponse(status=204, headers=headers)


def _number(request: PersonRequest, header: str) -> int:
    text = request.headers.get(header, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refusal(400, f"{header} must be a whole number.")
    return int(text)


def _metadata(request: PersonRequest) -> dict[str, str]:
    """``Upload-Metadata``: pairs of a key and a base64 value, separated by commas."""
    found = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise Refusal(400, "Upload-Metadata must be base64 of UTF-8.") from error
    return found


def _state(upload: Upload, offset: int) -> dict[str, str]:
    headers = {"Upload-Offset": str(offset), "Upload-Length": str(upload.size_bytes)}
    if upload.video_id is None:
        headers["Upload-Expires"] = http_date(uploads.expires_at(upload).timestamp())
    return headers


@tus
def create(request: PersonRequest) -> HttpResponse:
    """POST: begin an upload. Metadata: ``match`` (its number), ``half`` (0, 1, 2) and ``filename``."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST", "OPTIONS"])
    if "Upload-Defer-Length" in request.headers:
        raise Refusal(400, "The file's size must be known before it is sent.")
    size, told = _number(request, "Upload-Length"), _metadata(request)
    match_text, half_text = told.get("match", ""), told.get("half", "0")
    if not (match_text.isdecimal() and len(match_text) < 19 and half_text in ("0", "1", "2")):
        raise Refusal(400, "Upload-Metadata must name a match and a half (0, 1 or 2).")
    match = Match.objects.for_user(request.user).filter(pk=int(match_text)).first()
    if match is None:
        raise Refusal(404, "There is no such match. It may have been deleted.")
    require(request.user, Deed.UPLOAD, match.team)
    wanted = uploads.Wanted(match, int(half_text), told.get("filename", ""), size)
    upload = uploads.begin(request.user, wanted)
    # A path without a host: right behind any proxy.
    location = reverse("uploads:one", args=[upload.uuid])
    return HttpResponse(status=201, headers={"Location": location, **_state(upload, 0)})


@tus
def one(request: PersonRequest, upload_uuid: UUID) -> HttpResponse:
    """HEAD: how much is here. PATCH: more bytes. DELETE: give up."""
    found = Upload.objects.for_user(request.user).filter(uuid=upload_uuid)
    upload = found.select_related("match__team").first()
    if upload is None:
        raise Refusal(404, "There is no such upload. Choose the file again to start over.")
    answers = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete}
    answer = answers.get(request.method or "")
    if answer is None:
        return HttpResponseNotAllowed(["HEAD", "PATCH", "DELETE", "OPTIONS"])
    require(request.user, Deed.UPLOAD, upload.match.team)
    return answer(request, upload)


def _head(request: PersonRequest, upload: Upload) -> HttpResponse:
    offset = uploads.bytes_here(upload)
    if offset == upload.size_bytes and upload.video_id is None and uploads.finish(upload.pk):
        upload.refresh_from_db()
    return HttpResponse(status=200, headers=_state(upload, offset))


def _patch(request: PersonRequest, upload: Upload) -> HttpResponse:
    if request.content_type != CHUNK_TYPE:
        raise Refusal(415, f"A chunk's Content-Type is {CHUNK_TYPE}.")
    offset, length = _number(request, "Upload-Offset"), _number(request, "Content-Length")
    upload = uploads.append(upload.pk, offset, request, length)
    return HttpResponse(status=204, headers=_state(upload, upload.offset_bytes))


def _delete(request: PersonRequest, upload: Upload) -> HttpResponse:
    if upload.video_id is not None:
        raise Refusal(409, "This upload is finished. Remove the file from its match instead.")
    uploads.discard(upload)
    return HttpResponse(status=204)
