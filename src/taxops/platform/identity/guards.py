"""Rules that the database itself keeps (数据库约束): the three administrators exclude one another (三员分立).

Constraints cannot say it (it spans rows and two tables), so triggers do, on SQLite and PostgreSQL alike.
Migrations install them; SQLite drops the triggers of a table that a later migration rebuilds, so such a
migration must call `install` again. `missing` tells whether they are there, for tests and for the doctor.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

ADMIN_KINDS = ("system_admin", "security_admin", "audit_admin")
MARK = "identity_three_administrators"
"""Stands in the database's message, so that services know which rule was broken."""

_KINDS = ", ".join(f"'{kind}'" for kind in ADMIN_KINDS)
_NAMES = (
    "identity_assignment_exclusive_insert",
    "identity_assignment_exclusive_update",
    "identity_role_kind_exclusive",
)

# Two assignments clash when the kinds differ and the half-open validity intervals overlap;
# an interval that ends when it starts is empty (granted and taken back) and clashes with nothing.
_OVERLAP = """
      AND ({a}.valid_to IS NULL OR {a}.valid_to > {a}.valid_from)
      AND ({b}.valid_to IS NULL OR {b}.valid_to > {b}.valid_from)
      AND ({a}.valid_to IS NULL OR {b}.valid_from < {a}.valid_to)
      AND ({b}.valid_to IS NULL OR {a}.valid_from < {b}.valid_to)"""

_CLASH_OF_ASSIGNMENT = f"""
    SELECT 1
    FROM identity_roleassignment held
    JOIN identity_role held_role ON held_role.id = held.role_id
    JOIN identity_role new_role ON new_role.id = NEW.role_id
    WHERE held.person_id = NEW.person_id
      AND held.id <> COALESCE(NEW.id, -1)
      AND held_role.kind IN ({_KINDS})
      AND new_role.kind IN ({_KINDS})
      AND held_role.kind <> new_role.kind{_OVERLAP.format(a="NEW", b="held")}"""  # noqa: S608 - constants of this file only

_CLASH_OF_ROLE = f"""
    SELECT 1
    FROM identity_roleassignment mine
    JOIN identity_roleassignment other ON other.person_id = mine.person_id
    JOIN identity_role other_role ON other_role.id = other.role_id
    WHERE mine.role_id = NEW.id
      AND other.role_id <> NEW.id
      AND NEW.kind IN ({_KINDS})
      AND other_role.kind IN ({_KINDS})
      AND other_role.kind <> NEW.kind{_OVERLAP.format(a="mine", b="other")}"""  # noqa: S608 - constants of this file only

_SQLITE = [
    f"""CREATE TRIGGER {_NAMES[0]} BEFORE INSERT ON identity_roleassignment
WHEN EXISTS ({_CLASH_OF_ASSIGNMENT})
BEGIN SELECT RAISE(ABORT, '{MARK}'); END""",
    f"""CREATE TRIGGER {_NAMES[1]} BEFORE UPDATE ON identity_roleassignment
WHEN EXISTS ({_CLASH_OF_ASSIGNMENT})
BEGIN SELECT RAISE(ABORT, '{MARK}'); END""",
    f"""CREATE TRIGGER {_NAMES[2]} BEFORE UPDATE OF kind ON identity_role
WHEN EXISTS ({_CLASH_OF_ROLE})
BEGIN SELECT RAISE(ABORT, '{MARK}'); END""",
]

# On PostgreSQL two transactions do not see each other's rows. The role is locked against a change of
# kind, then all changes that concern administrators queue on one advisory lock; each statement of the
# function takes a fresh snapshot (READ COMMITTED), so the second one sees what the first one did.
_LOCK = "PERFORM pg_advisory_xact_lock(hashtext('identity_three_administrators'))"
_POSTGRESQL = [
    f"""CREATE FUNCTION identity_assignment_exclusive() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE new_kind text;
BEGIN
    SELECT kind INTO new_kind FROM identity_role WHERE id = NEW.role_id FOR SHARE;
    IF new_kind IN ({_KINDS}) THEN
        {_LOCK};
        IF EXISTS ({_CLASH_OF_ASSIGNMENT}) THEN
            RAISE EXCEPTION '{MARK}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$""",  # noqa: S608 - constants of this file only
    f"""CREATE FUNCTION identity_role_kind_exclusive() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.kind IN ({_KINDS}) THEN
        {_LOCK};
        IF EXISTS ({_CLASH_OF_ROLE}) THEN
            RAISE EXCEPTION '{MARK}' USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$""",
    f"""CREATE TRIGGER {_NAMES[0]} BEFORE INSERT ON identity_roleassignment
FOR EACH ROW EXECUTE FUNCTION identity_assignment_exclusive()""",
    f"""CREATE TRIGGER {_NAMES[1]} BEFORE UPDATE ON identity_roleassignment
FOR EACH ROW EXECUTE FUNCTION identity_assignment_exclusive()""",
    f"""CREATE TRIGGER {_NAMES[2]} BEFORE UPDATE OF kind ON identity_role
FOR EACH ROW EXECUTE FUNCTION identity_role_kind_exclusive()""",
]
_DROP_POSTGRESQL = [
    f"DROP TRIGGER IF EXISTS {_NAMES[0]} ON identity_roleassignment",
    f"DROP TRIGGER IF EXISTS {_NAMES[1]} ON identity_roleassignment",
    f"DROP TRIGGER IF EXISTS {_NAMES[2]} ON identity_role",
    "DROP FUNCTION IF EXISTS identity_assignment_exclusive()",
    "DROP FUNCTION IF EXISTS identity_role_kind_exclusive()",
]


def _run(connection: BaseDatabaseWrapper, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def install(_apps: Any, schema_editor: Any) -> None:
    """Put the triggers into the database, replacing older ones; a step of a migration."""
    remove(_apps, schema_editor)
    connection = schema_editor.connection
    _run(connection, _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE)


def remove(_apps: Any, schema_editor: Any) -> None:
    """Take the triggers out of the database; the way back of the migration."""
    connection = schema_editor.connection
    if connection.vendor == "postgresql":
        _run(connection, _DROP_POSTGRESQL)
    else:
        _run(connection, [f"DROP TRIGGER IF EXISTS {name}" for name in _NAMES])


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of the triggers that the database lacks; empty when all is well."""
    table = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(table)
        found = {row[0] for row in cursor.fetchall()}
    return [name for name in _NAMES if name not in found]
