"""Rows by the ten thousand, made in PostgreSQL itself."""

from django.db import connection

__all__ = ["copies"]


def copies(row, count, **changed):
    """Insert so many copies of a row; `changed` gives columns as SQL over `n`, from 1 on."""
    fields = [field.column for field in row._meta.concrete_fields]
    columns = ", ".join(fields)
    values = ", ".join(changed.get(name, f"r.{name}") for name in fields)
    table = row._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT {values}"
            f" FROM {table} r, generate_series(1, %s) n WHERE r.id = %s",
            [count, row.pk],
        )
        # As autovacuum has done by the time that so many rows have come together.
        cursor.execute(f"ANALYZE {table}")
