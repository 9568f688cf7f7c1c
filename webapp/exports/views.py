"""Downloads of a match."""

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_safe

from webapp.accounts.permissions import Deed, require
from webapp.analytics import selectors
from webapp.exports import services
from webapp.matches.models import Match


@login_required
@require_safe
def download(request: HttpRequest, pk: int, format_name: str) -> HttpResponseBase:
    """One file. ``?dialect=semicolon`` for ``;`` and decimal commas, ``?events=reviewed``, ``?least=0.5``."""
    try:
        match = selectors.match_of(request.user, pk)
        form = services.format_module(format_name)
    except (Match.DoesNotExist, services.UnknownFormat) as error:
        raise Http404 from error
    run = selectors.shown_run(request.user, pk)
    if run is None:
        raise Http404("This match has no finished analysis yet.")
    require(request.user, Deed.EXPORT, match.team)
    pieces = services.pieces(request.user, match, run, format_name, _options(request))
    response = StreamingHttpResponse(pieces, content_type=form.CONTENT_TYPE)
    name = services.file_name(match, format_name)
    response["Content-Disposition"] = (
        f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(name)}"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


def _options(request: HttpRequest) -> services.Options:
    is_european = request.GET.get("dialect") == "semicolon"
    try:
        least = float(request.GET.get("least", 0))
    except ValueError:
        least = 0.0
    return services.Options(
        separator=";" if is_european else ",",
        decimal_comma=is_european,
        reviewed_only=request.GET.get("events") == "reviewed",
        least_confidence=least if 0 <= least <= 1 else 0.0,
    )
