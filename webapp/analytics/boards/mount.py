"""Dash behind Django's doors: one request in, one answer out (docs/adr/0006).

``login_required`` and ``csrf_protect`` stand before it in ``board_views``; nothing of Dash is reachable otherwise.
"""

from io import BytesIO
from typing import Any

import dash
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token

from webapp.analytics.boards.match_board import REQUEST_KEY
from webapp.lib.security import add_sources

# These belong to the connection or to Django's own session, not to the board.
_DROPPED = {"connection", "transfer-encoding", "set-cookie", "content-length", "server", "date"}


def serve(
    request: HttpRequest, app: dash.Dash, context: dict[str, Any] | None = None
) -> HttpResponse:
    """Answer a request with a board app; ``context`` reaches the template of the page."""
    get_token(request)
    request.board_context = context or {}  # type: ignore[attr-defined]
    body = request.body
    environ = {
        **request.META,
        "SCRIPT_NAME": "",
        "PATH_INFO": request.path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": BytesIO(body),
        REQUEST_KEY: request,
    }
    told: dict[str, Any] = {}

    def start_response(status: str, headers: list[tuple[str, str]], _: Any = None) -> None:
        told.update(status=int(status.split(" ", 1)[0]), headers=headers)

    pieces = app.server.wsgi_app(environ, start_response)
    try:
        response = HttpResponse(b"".join(pieces), status=told["status"])
    finally:
        if hasattr(pieces, "close"):
            pieces.close()
    for name, value in told["headers"]:
        if name.lower() not in _DROPPED:
            response.headers[name] = value
    add_sources(response, "script-src", *app.csp_hashes())
    # Plotly writes styles into the page; it has no other way.
    add_sources(response, "style-src", "'unsafe-inline'")
    return response
