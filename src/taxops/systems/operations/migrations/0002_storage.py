"""How the busy tables lie on disk: clustered on SQLite, room for in-place updates on PostgreSQL."""

from django.db import migrations

_SQLITE = (
    "DROP TABLE operations_rawresult",
    'CREATE TABLE "operations_rawresult" ("slot" integer NOT NULL, "check_id" bigint NOT NULL,'
    ' "at_ms" bigint NOT NULL, "code" smallint NOT NULL, "duration_us" integer NOT NULL,'
    ' "suspect" smallint NOT NULL, PRIMARY KEY ("slot", "check_id", "at_ms")) WITHOUT ROWID',
    "DROP TABLE operations_rollup5m",
    'CREATE TABLE "operations_rollup5m" ("check_id" bigint NOT NULL, "slot" integer NOT NULL,'
    ' "n" integer NOT NULL, "n_ok" integer NOT NULL, "n_warning" integer NOT NULL,'
    ' "n_critical" integer NOT NULL, "n_unknown" integer NOT NULL, "n_suspect" integer NOT NULL,'
    ' "duration_sum_us" bigint NOT NULL, "duration_max_us" integer NOT NULL,'
    ' PRIMARY KEY ("check_id", "slot")) WITHOUT ROWID',
)

_POSTGRESQL = (
    # Each result updates its check's row: with room on the page that is done in place (HOT).
    "ALTER TABLE operations_checkstate SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)",
    # Written once, removed in whole runs: vacuum by count, not by share of a large table.
    "ALTER TABLE operations_rawresult SET (autovacuum_vacuum_scale_factor = 0.02)",
)


def lay_out(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(vendor, ()):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("operations", "0001_initial")]
    operations = [migrations.RunPython(lay_out, migrations.RunPython.noop, elidable=True)]
