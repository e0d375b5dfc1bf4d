"""What is stored and handed on is JSON: nothing that runs code when it is read (FAULTS 98)."""

import ast

from django.conf import settings

from tests.architecture.sources import modules, parsed

RUNNING = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "yaml", "joblib"}
CALLS = {"eval", "exec", "compile", "__import__"}


def _imported(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom) and node.level == 0:
        return {(node.module or "").partition(".")[0]}
    return set()


def _called(node: ast.AST) -> set[str]:
    return (
        {node.func.id} if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else set()
    )


def test_no_module_reads_a_format_that_runs_code() -> None:
    """FAULTS 98: neither pickle nor YAML, nor text run as code, anywhere in the product."""
    found = {
        f"{file}: {name}"
        for file in modules("src")
        for node in ast.walk(parsed(file))
        for name in (_imported(node) & RUNNING) | (_called(node) & CALLS)
    }
    assert found == set()
    assert len(modules("src")) > 200


def test_sessions_messages_and_tasks_are_kept_as_json() -> None:
    """FAULTS 98: the sessions' serializer, and a cache that never leaves the process."""
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    backends = {one["BACKEND"] for one in settings.CACHES.values()}
    assert backends == {"django.core.cache.backends.locmem.LocMemCache"}


def test_celery_takes_json_alone() -> None:
    """FAULTS 98: a doorbell carries an id, and no worker accepts anything else."""
    from waybill.contrib import celery

    assert celery.run_export.serializer == "json"
