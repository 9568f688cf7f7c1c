"""The site's addresses; each room brings its own."""

from django.urls import URLPattern, URLResolver, include, path

from webapp.analytics.metrics import metrics
from webapp.lib.health import healthz, readyz

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("accounts/", include("webapp.accounts.urls")),
    path("", include("webapp.matches.urls")),
    path("uploads/", include("webapp.matches.upload_urls")),
    path("media/", include("webapp.matches.media_urls")),
    path("", include("webapp.analytics.urls")),
    path("", include("webapp.annotation.urls")),
    path("", include("webapp.exports.urls")),
    path("", include("webapp.playlists.urls")),
    path("", include("webapp.api.urls")),
]
