"""Let PostgreSQL refuse to empty the log at one stroke as well.

A log without a line may be emptied: the tests of a host that never exports empty every table.
MariaDB has no trigger for TRUNCATE, and SQLite no TRUNCATE.
"""

from django.db import migrations

from waybill import conf

TABLES = ("waybill_exportlog", "waybill_audithead")
REFUSAL = "the export log is never emptied"

FORWARD = (
    f"""
    CREATE OR REPLACE FUNCTION waybill_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM waybill_exportlog) THEN
            RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    *(
        f"""
        CREATE OR REPLACE TRIGGER waybill_log_stays BEFORE TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION waybill_log_stays()
        """
        for table in TABLES
    ),
)
BACKWARD = (
    *(f"DROP TRIGGER IF EXISTS waybill_log_stays ON {table}" for table in TABLES),
    "DROP FUNCTION IF EXISTS waybill_log_stays()",
)


def guard(apps, schema_editor):
    if not conf.settings().guard_log:
        return
    for statement in FORWARD if schema_editor.connection.vendor == "postgresql" else ():
        schema_editor.execute(statement, params=None)


def release(apps, schema_editor):
    for statement in BACKWARD if schema_editor.connection.vendor == "postgresql" else ():
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Add the triggers."""

    dependencies = [("waybill", "0003_notice_outcome")]
    operations = [migrations.RunPython(guard, release)]
