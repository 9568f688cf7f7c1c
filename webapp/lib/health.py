"""Two questions that supervisors and load balancers ask."""

from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from webapp.lib import stored
from webapp.lib.disk import free_bytes


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """This process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Everything a page needs: database, its migrations, room on the disk, the files' place. 503 names what is not."""
    checks = {"database": False, "migrations": False, "disk": False, "files": False}
    try:
        connection.ensure_connection()
        checks["database"] = True
        executor = MigrationExecutor(connection)
        checks["migrations"] = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        pass  # the answer says so
    checks["disk"] = free_bytes(Path(settings.MEDIA_ROOT)) > 0
    checks["files"] = stored.media().is_there()
    return JsonResponse(checks, status=200 if all(checks.values()) else 503)
