"""The database itself keeps the trail append-only: it refuses change, deletion, gaps and forks."""

from django.db import migrations

GENESIS = "0" * 64

SQLITE = """
CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_auditentry
BEGIN SELECT RAISE(ABORT, 'audit trail: entries are never changed'); END;

CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_auditentry
BEGIN SELECT RAISE(ABORT, 'audit trail: entries are never deleted'); END;

CREATE TRIGGER audit_entry_chained BEFORE INSERT ON audit_auditentry
WHEN NEW.prev_hash IS NOT COALESCE(
    (SELECT hash FROM audit_auditentry WHERE seq = NEW.seq - 1),
    CASE WHEN NEW.seq = 1 THEN '{genesis}' END)
BEGIN SELECT RAISE(ABORT, 'audit trail: an entry follows the one before it'); END;

CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_auditentry
WHEN EXISTS (SELECT 1 FROM audit_auditentry WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'audit trail: entries are never replaced'); END;

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_audithead
BEGIN SELECT RAISE(ABORT, 'audit trail: the head is never deleted'); END;

CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_audithead
WHEN NOT (NEW.id = OLD.id AND NEW.seq = OLD.seq + 1 AND EXISTS (
    SELECT 1 FROM audit_auditentry WHERE seq = NEW.seq AND hash = NEW.hash AND prev_hash = OLD.hash))
BEGIN SELECT RAISE(ABORT, 'audit trail: the head only follows an entry'); END;

CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_auditseal
BEGIN SELECT RAISE(ABORT, 'audit trail: seals are never changed'); END;

CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_auditseal
BEGIN SELECT RAISE(ABORT, 'audit trail: seals are never deleted'); END
"""

POSTGRESQL = """
CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit trail: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE FUNCTION audit_chained() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.prev_hash IS DISTINCT FROM COALESCE(
        (SELECT hash FROM audit_auditentry WHERE seq = NEW.seq - 1),
        CASE WHEN NEW.seq = 1 THEN '{genesis}' END)
    THEN
        RAISE EXCEPTION 'audit trail: an entry follows the one before it' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION audit_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (NEW.id = OLD.id AND NEW.seq = OLD.seq + 1 AND EXISTS (
        SELECT 1 FROM audit_auditentry WHERE seq = NEW.seq AND hash = NEW.hash AND prev_hash = OLD.hash))
    THEN
        RAISE EXCEPTION 'audit trail: the head only follows an entry' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_auditentry
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_entry_chained BEFORE INSERT ON audit_auditentry
FOR EACH ROW EXECUTE FUNCTION audit_chained();

CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_audithead
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_head_no_truncate BEFORE TRUNCATE ON audit_audithead
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_audithead
FOR EACH ROW EXECUTE FUNCTION audit_forward();

CREATE TRIGGER audit_seal_no_change BEFORE UPDATE OR DELETE ON audit_auditseal
FOR EACH ROW EXECUTE FUNCTION audit_refuse();

CREATE TRIGGER audit_seal_no_truncate BEFORE TRUNCATE ON audit_auditseal
FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
"""

UNDO = {
    "sqlite": [
        "audit_entry_no_update",
        "audit_entry_no_delete",
        "audit_entry_chained",
        "audit_entry_no_replace",
        "audit_head_no_delete",
        "audit_head_forward",
        "audit_seal_no_update",
        "audit_seal_no_delete",
    ],
    "postgresql": ["audit_refuse()", "audit_chained()", "audit_forward()"],
}


def guard(apps, schema_editor):
    """Create the triggers and the head of an empty chain."""
    apps.get_model("audit", "AuditHead").objects.get_or_create(id=1, defaults={"seq": 0, "hash": GENESIS})
    script = SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL
    for statement in script.replace("{genesis}", GENESIS).split("\n\n"):
        schema_editor.execute(statement, params=None)


def unguard(apps, schema_editor):
    """Drop the triggers, as un-migrating must."""
    vendor = schema_editor.connection.vendor
    for name in UNDO[vendor]:
        drop = f"DROP TRIGGER {name}" if vendor == "sqlite" else f"DROP FUNCTION {name} CASCADE"
        schema_editor.execute(drop, params=None)


class Migration(migrations.Migration):
    """Refuse UPDATE, DELETE and TRUNCATE of the trail."""

    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
