"""What load balancers and `desk up` ask: is this process alive, and can it serve."""

from threading import Event

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from waybill import health

__all__ = ["healthz", "readyz"]

# Set once the tables were found up to date: a process keeps the migrations it began with.
_tables = Event()


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that this process answers, whatever the rest does."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Say whether pages can be served: the database answers and its tables are up to date.

    Storage, queue and workers are told beside it: without them exports wait, but pages come.
    """
    checks = {"database": _database()}
    ready = checks["database"] == "ok"
    if ready:
        checks |= {
            "storage": health.storage(),
            "queue": health.queue(),
            "workers": health.workers(),
        }
    return JsonResponse({"ready": ready, "checks": checks}, status=200 if ready else 503)


def _database() -> str:
    try:
        if _tables.is_set():
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return "ok"
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "does not answer"
    if waiting:
        return "migrations are waiting"
    _tables.set()
    return "ok"
