"""The database itself keeps the history of cases: a written line is never changed, deleted or replaced (事项历史)."""

from django.db import migrations

SQLITE = """
CREATE TRIGGER casework_event_no_update BEFORE UPDATE ON casework_caseevent
BEGIN SELECT RAISE(ABORT, 'case history: lines are never changed'); END;

CREATE TRIGGER casework_event_no_delete BEFORE DELETE ON casework_caseevent
BEGIN SELECT RAISE(ABORT, 'case history: lines are never deleted'); END;

CREATE TRIGGER casework_event_no_replace BEFORE INSERT ON casework_caseevent
WHEN EXISTS (
    SELECT 1 FROM casework_caseevent
    WHERE id = NEW.id OR (case_id = NEW.case_id AND (seq = NEW.seq OR (key <> '' AND key = NEW.key))))
BEGIN SELECT RAISE(ABORT, 'case history: lines are never replaced'); END
"""

POSTGRESQL = """
CREATE FUNCTION casework_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'case history: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER casework_event_no_change BEFORE UPDATE OR DELETE ON casework_caseevent
FOR EACH ROW EXECUTE FUNCTION casework_event_refuse();

CREATE TRIGGER casework_event_no_truncate BEFORE TRUNCATE ON casework_caseevent
FOR EACH STATEMENT EXECUTE FUNCTION casework_event_refuse()
"""

UNDO = {
    "sqlite": [
        "DROP TRIGGER casework_event_no_update",
        "DROP TRIGGER casework_event_no_delete",
        "DROP TRIGGER casework_event_no_replace",
    ],
    "postgresql": ["DROP FUNCTION casework_event_refuse() CASCADE"],
}


def guard(apps, schema_editor):
    """Create the triggers; on SQLite an INSERT OR REPLACE would otherwise delete without asking them."""
    script = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in script.split("\n\n"):
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    """Drop the triggers, as un-migrating must."""
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    """Refuse UPDATE, DELETE, REPLACE and TRUNCATE of case histories."""

    dependencies = [("casework", "0002_work")]

    operations = [migrations.RunPython(guard, unguard)]
