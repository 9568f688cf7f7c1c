"""Security headers of every answer, and the one way a view widens its content security policy."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

POLICY: dict[str, tuple[str, ...]] = {
    "default-src": ("'self'",),
    "script-src": ("'self'",),
    "style-src": ("'self'",),
    "img-src": ("'self'", "data:", "blob:"),
    "media-src": ("'self'", "blob:"),
    "connect-src": ("'self'",),
    "object-src": ("'none'",),
    "base-uri": ("'none'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
}


def add_sources(response: HttpResponseBase, directive: str, *sources: str) -> HttpResponseBase:
    """Let this one answer use more sources, e.g. ``add_sources(r, "script-src", *dash_app.csp_hashes())``.

    ``'none'`` is dropped once something else is allowed. Returns the response, for chaining.
    """
    widened: dict[str, tuple[str, ...]] = getattr(response, "policy", {})
    kept = widened.get(directive, POLICY.get(directive, ()))
    kept = tuple(source for source in kept if source != "'none'")
    response.policy = {**widened, directive: (*kept, *sources)}  # type: ignore[attr-defined]
    return response


class SecurityHeadersMiddleware:
    """Adds the policy and its companions; a header that the view set itself stays."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the headers."""
        response = self.get_response(request)
        policy = {**POLICY, **getattr(response, "policy", {})}
        text = "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())
        response.headers.setdefault("Content-Security-Policy", text)
        response.headers.setdefault(
            "Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"
        )
        user = getattr(request, "user", None)
        if user is not None and user.is_authenticated:
            # What a member saw must not come back from the browser's store after signing out.
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response
