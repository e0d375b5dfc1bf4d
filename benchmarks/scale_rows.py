"""A table of any size and width, and one export of it: `python -m benchmarks.scale_rows SPEC`.

The spec is JSON: `rows`, `columns` and `text`, the bytes of the one long text that each row has.
The process waits for a line on its standard input before it begins, so that several begin at once,
and prints what the export took, with the moments of its beginning and end.
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import frame
from benchmarks.ways import took

__all__ = ["export", "fill"]

SHORT = 24  # bytes of a short text
# What stands in a help desk's tables: numbers, short texts, moments, yes and no.
KINDS = (
    ("integer", "(n * {i} + {i}) % 1000003"),
    ("text", "left(md5((n + {i})::text), " + str(SHORT) + ")"),
    ("timestamptz", "timestamptz '2026-01-01 00:00Z' + n * interval '{i} seconds'"),
    ("boolean", "(n + {i}) % 2 = 0"),
)


def fill(url: str, spec: dict[str, int]) -> None:
    """Fill the table of so many columns and bytes of text, unless it holds the rows already.

    Texts lie in it as they are: to unpack compressed ones would be the database's cost, not ours.
    """
    import psycopg

    table = _table(spec)
    kinds = [KINDS[place % len(KINDS)] for place in range(2, spec["columns"])]
    wide = "".join(f", c{place} {kind}" for place, (kind, _made) in enumerate(kinds, 2))
    made = "".join(f", {how.format(i=place)}" for place, (_kind, how) in enumerate(kinds, 2))
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE TABLE IF NOT EXISTS {table} (id bigint, body text{wide})")
        (known,) = server.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
        if known >= spec["rows"]:
            return
        server.execute(f"TRUNCATE {table}")
        server.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_pkey")
        server.execute(f"ALTER TABLE {table} ALTER body SET STORAGE EXTERNAL")
        server.execute(
            f"INSERT INTO {table} SELECT n, rpad('', {spec['text']}, md5(n::text) || ' '){made}"
            f" FROM generate_series(1, {spec['rows']}) AS n"
        )
        server.execute(f"ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (id)")
        server.execute(f"VACUUM ANALYZE {table}")


def _table(spec: dict[str, int]) -> str:
    return f"bench_scale_{spec['columns']}_{spec['text']}"


def export(spec: dict[str, int], path: Path) -> dict[str, float]:
    """Write so many rows and columns to the file as CSV; give what it took."""
    from waybill import exports
    from waybill.values import ExportRequest

    request = ExportRequest(resource=_declared(spec))

    def write() -> int:
        return int(exports.write_file(request, path, by=None)["rows"])

    return took(write, path, spec["rows"])


def _declared(spec: dict[str, int]) -> str:
    """Declare the table as any host would, cut to the rows asked for."""
    from django.db import models

    from waybill import Column, Export, register

    fields: dict[str, Any] = {
        "integer": models.IntegerField,
        "text": models.TextField,
        "timestamptz": models.DateTimeField,
        "boolean": models.BooleanField,
    }
    own = {"id": models.BigIntegerField(primary_key=True), "body": models.TextField()}
    kinds = {f"c{place}": KINDS[place % len(KINDS)][0] for place in range(2, spec["columns"])}
    cells = own | {name: fields[kind]() for name, kind in kinds.items()}
    where = {"managed": False, "app_label": "demo", "db_table": _table(spec)}
    about = {"__module__": __name__, "Meta": type("Meta", (), where)}
    wide: Any = type("ScaleRow", (models.Model,), cells | about)
    shown = [Column(key) for key in cells]

    @register
    class ScaleExport(Export):
        """The table."""

        name = "bench_scale"
        model = wide
        columns = shown

        def rows(self, user: Any, at: Any) -> Any:
            """Give the first rows by their key."""
            return wide._base_manager.filter(pk__lte=spec["rows"])

    return ScaleExport.name


def _child(spec: dict[str, int]) -> None:
    frame.set_up()
    from django.db import connection

    import waybill.exports  # noqa: F401 - what is imported once belongs to the idle figure

    connection.ensure_connection()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        print("ready", flush=True)
        sys.stdin.readline()
        began = time.time()
        found = export(spec, Path(folder) / "file")
        print(json.dumps(found | {"began": began, "ended": time.time()}))


if __name__ == "__main__":
    _child(json.loads(sys.argv[1]))
