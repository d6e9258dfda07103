"""How the busy tables lie on disk (存储布局): clustered on SQLite, room for in-place updates on PostgreSQL.

Models cannot say it. A migration calls `lay_out`; it changes nothing where the layout is there already.
"""

from __future__ import annotations

from django.db.backends.base.schema import BaseDatabaseSchemaEditor

CLUSTERED = (
    "operations_rawresult",
    "operations_rawmetric",
    "operations_rollup5m",
    "operations_metricrollup5m",
    "operations_checkstate",
)
"""Tables read and written by their whole key: on SQLite the key is the table (WITHOUT ROWID)."""

_POSTGRESQL = (
    # Each result updates its check's row: with room on the page that is done in place (HOT).
    "ALTER TABLE operations_checkstate SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05)",
    # Written once, removed in whole runs: vacuum by count, not by share of a large table.
    "ALTER TABLE operations_rawresult SET (autovacuum_vacuum_scale_factor = 0.02)",
)


def lay_out(editor: BaseDatabaseSchemaEditor) -> None:
    """Give the busy tables their layout, rows and indexes kept."""
    if editor.connection.vendor == "postgresql":
        for statement in _POSTGRESQL:
            editor.execute(statement)
        return
    for table in CLUSTERED:
        _cluster(editor, table)


def _cluster(editor: BaseDatabaseSchemaEditor, table: str) -> None:
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT type, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
        parts: list[tuple[str, str]] = cursor.fetchall()
        made = next(sql for kind, sql in parts if kind == "table")
        if made.rstrip().upper().endswith("WITHOUT ROWID"):
            return
        name = editor.quote_name(table)
        other = editor.quote_name(f"{table}_clustered")
        cursor.execute(made.replace(name, other, 1) + " WITHOUT ROWID")
        cursor.execute(f"INSERT INTO {other} SELECT * FROM {name}")  # noqa: S608  # names of this file only
        cursor.execute(f"DROP TABLE {name}")
        cursor.execute(f"ALTER TABLE {other} RENAME TO {name}")
        for kind, sql in parts:
            if kind != "table":
                cursor.execute(sql)
