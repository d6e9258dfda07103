"""An empty database laid out in one go is the one that all migrations together make."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.platform.own_database import OwnDatabase, bare_database

pytestmark = pytest.mark.slow

MIGRATE = """
from django.core.management import call_command
call_command("migrate", verbosity=0, step_by_step=sys.argv[1] == "long")
"""

DESCRIBE = """
import re
from django.db import connection

def rows(sql, *args):
    with connection.cursor() as cursor:
        cursor.execute(sql, args or None)
        return [[str(value) for value in row] for row in cursor.fetchall()]

def sqlite(tables):
    parts = {}
    for table in tables:
        # a default that an added column kept is none of Django's: it writes every column
        parts[f"columns {table}"] = sorted(
            [name, kind.replace("boolean", "bool"), needed, key]
            for _, name, kind, needed, _, key in rows(f'PRAGMA table_info("{table}")')
        )
        [[made]] = rows("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", table)
        parts[f"clustered {table}"] = "WITHOUT ROWID" in made
        parts[f"checks {table}"] = sorted(re.findall(r'CONSTRAINT "(\\w+)"', made))
    for kind, name, sql in rows("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger')"):
        parts[f"{kind} {name}" if "autoindex" not in name else "autoindex"] = " ".join(sql.replace('"', "").split())
    return parts

def postgresql(tables):
    parts = {}
    here = "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'"
    for table in tables:
        parts[f"columns {table}"] = sorted(rows(
            "SELECT column_name, data_type, character_maximum_length, is_nullable, is_identity"
            " FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s", table))
    parts["constraints"] = sorted(rows(
        f"SELECT c.relname, k.contype, pg_get_constraintdef(k.oid) {here} JOIN pg_constraint k ON k.conrelid = c.oid"))
    # how a single unique column's index is called depends on whether it was unique from the beginning
    parts["indexes"] = sorted(
        [table, re.sub(r"INDEX \\w+_(key|uniq) ON", "INDEX ON", made)]
        for table, made in rows("SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'"))
    parts["triggers"] = sorted(rows(
        f"SELECT pg_get_triggerdef(t.oid) {here} JOIN pg_trigger t ON t.tgrelid = c.oid AND NOT t.tgisinternal"))
    parts["functions"] = sorted(rows(
        "SELECT p.proname, p.prosrc FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
        " WHERE n.nspname = 'public'"))
    parts["layout"] = sorted(rows(f"SELECT c.relname, c.reloptions {here} WHERE c.reloptions IS NOT NULL"))
    return parts

tables = sorted(t for t in connection.introspection.table_names() if not t.startswith("finding_fts_"))
parts = (sqlite if connection.vendor == "sqlite" else postgresql)(tables)
for table in tables:
    names = sorted(c.name for c in connection.introspection.get_table_description(connection.cursor(), table))
    kept = [n for n in names if not (table == "django_migrations" and n in {"id", "applied"})]
    chosen = ", ".join(f'"{n}"' for n in kept)
    parts[f"rows {table}"] = sorted(rows(f'SELECT {chosen} FROM "{table}"')) if kept else []
print(json.dumps(parts))
"""


def described(database: OwnDatabase, way: str) -> dict[str, Any]:
    database.run(MIGRATE, way)
    parts: dict[str, Any] = database.run(DESCRIBE)
    database.close()
    return parts


def _beyond(one: Any, other: Any) -> Any:
    """Return what the first has and the second has not."""
    return (
        [row for row in one if row not in other] if isinstance(one, list) and isinstance(other, list) else one
    )


@pytest.mark.django_db
def test_the_short_way_and_the_long_way_make_the_same_database(tmp_path: Path) -> None:
    found: dict[str, dict[str, Any]] = {}
    for way in ("short", "long"):
        (tmp_path / way).mkdir()
        with bare_database(tmp_path / way) as database:
            found[way] = described(database, way)
    assert len(found["long"]) > (20 if "postgresql" in os.environ.get("TAXOPS_DATABASE_URL", "") else 200)
    different = {
        part: [only for only in (_beyond(a, b), _beyond(b, a)) if only]
        for part in {*found["short"], *found["long"]}
        if (a := found["short"].get(part)) != (b := found["long"].get(part))
    }
    assert different == {}, "一次建库与逐个迁移不同：新迁移里搬旧数据的步骤应标 elidable=True，其余不应标"


def test_a_database_with_anything_in_it_is_left_to_the_migrations(tmp_path: Path) -> None:
    database = OwnDatabase(tmp_path, f"sqlite:///{tmp_path / 'some.db'}")
    laid = database.run(
        "from django.db import connection\n"
        "from taxops.project.laying import lay\n"
        "connection.cursor().execute('CREATE TABLE stranger (x int)')\n"
        "print(lay(connection))\n"
    )
    database.close()
    assert laid == 0


def test_a_layout_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = OwnDatabase(tmp_path, f"sqlite:///{tmp_path / 'torn.db'}")
    left = database.run(
        "from django.db import connection\n"
        "from taxops.project import laying\n"
        "from taxops.systems.operations.monitoring import layout\n"
        "layout.CLUSTERED = ('no_such_table',)\n"
        "try:\n"
        "    laying.lay(connection)\n"
        "except StopIteration:\n"
        "    print(json.dumps(connection.introspection.table_names()))\n"
    )
    database.close()
    assert left == []
