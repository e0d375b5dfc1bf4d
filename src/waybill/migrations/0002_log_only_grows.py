"""Let the database itself refuse to change or delete a line of the log."""

from django.db import migrations

from waybill import conf

TABLE = "waybill_exportlog"
REFUSAL = "lines of the export log are never changed or deleted"

POSTGRESQL = (
    f"""
    CREATE OR REPLACE FUNCTION waybill_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$
    """,
    f"""
    CREATE OR REPLACE TRIGGER waybill_log_only_grows BEFORE UPDATE OR DELETE ON {TABLE}
    FOR EACH ROW EXECUTE FUNCTION waybill_log_only_grows()
    """,
)
SQLITE = tuple(
    f"""
    CREATE TRIGGER waybill_log_no_{verb} BEFORE {verb} ON {TABLE}
    BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END
    """
    for verb in ("update", "delete")
)
MYSQL = tuple(
    f"""
    CREATE TRIGGER waybill_log_no_{verb} BEFORE {verb} ON {TABLE}
    FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{REFUSAL}'
    """
    for verb in ("update", "delete")
)
FORWARD = {"postgresql": POSTGRESQL, "sqlite": SQLITE, "mysql": MYSQL}
DROPS = tuple(f"DROP TRIGGER IF EXISTS waybill_log_no_{verb}" for verb in ("update", "delete"))
BACKWARD = {
    "postgresql": (
        f"DROP TRIGGER IF EXISTS waybill_log_only_grows ON {TABLE}",
        "DROP FUNCTION IF EXISTS waybill_log_only_grows()",
    ),
    "sqlite": DROPS,
    "mysql": DROPS,
}


def guard(apps, schema_editor):
    if not conf.settings().guard_log:
        return
    for statement in FORWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


def release(apps, schema_editor):
    for statement in BACKWARD[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Add the triggers; MariaDB cannot make one inside a transaction."""

    atomic = False

    dependencies = [("waybill", "0001_initial")]
    operations = [migrations.RunPython(guard, release)]
