"""Where the grams lie: FTS5 over pre-cut text on SQLite, tsvectors with GIN on PostgreSQL."""

from django.db import migrations

# `detail=column`: grams need no positions, only which column they stand in; half the size.
_SQLITE = (
    "CREATE VIRTUAL TABLE finding_fts USING fts5"
    "(title, body, tokenize = 'unicode61 remove_diacritics 0', detail = column)",
)
_POSTGRESQL = (
    "CREATE TABLE finding_fts (rowid bigint PRIMARY KEY, title tsvector NOT NULL, body tsvector NOT NULL)",
    "CREATE INDEX finding_fts_title ON finding_fts USING gin (title)",
    "CREATE INDEX finding_fts_body ON finding_fts USING gin (body)",
)


def make(apps, schema_editor):
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def unmake(apps, schema_editor):
    schema_editor.execute("DROP TABLE finding_fts")


class Migration(migrations.Migration):
    dependencies = [("finding", "0001_initial")]
    operations = [migrations.RunPython(make, unmake)]
