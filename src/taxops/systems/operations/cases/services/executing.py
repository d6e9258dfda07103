"""Executing a data fix on PostgreSQL (执行数据修改): one transaction, row limits, rows before and after.

The inverse is tried before anything is committed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from taxops.engines.base import BadInput, Conflict, Unavailable, later

from .scripts import Statement

if TYPE_CHECKING:
    import psycopg
    from psycopg import sql
else:
    psycopg = later("psycopg")
    sql = later("psycopg.sql")

_KEYS = """
SELECT a.attname AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey)
WHERE i.indrelid = to_regclass(%s) AND i.indisprimary ORDER BY array_position(i.indkey::int2[], a.attnum)
"""
_LIMITS = "SET LOCAL statement_timeout = '60s'; SET LOCAL lock_timeout = '5s'"

Row = dict[str, Any]


@dataclass(slots=True)
class Outcome:
    """What a script did (执行结果): counted and kept before the commit."""

    affected: int = 0
    counts: dict[str, list[int]] = field(default_factory=dict)
    before: list[Row] = field(default_factory=list)
    after: list[Row] = field(default_factory=list)
    inverse: list[str] = field(default_factory=list)


class Execution:
    """An open transaction on the target, to be committed or rolled back by whoever began it."""

    def __init__(self, address: str) -> None:
        from psycopg.rows import dict_row

        try:
            self.connection = psycopg.connect(
                address, connect_timeout=10, row_factory=dict_row, application_name="taxops-datafix"
            )
        except psycopg.Error as error:
            raise Unavailable("目标数据库连接不上。", f"请联系数据库管理员：{str(error)[:200]}") from error

    def run(self, statements: Sequence[Statement], tables: Sequence[str], limit: int) -> Outcome:
        """Run the statements; nothing is committed.

        Raises:
            Conflict: more rows than the limit, a table without primary key, an inverse that does not restore.
            BadInput: the database refuses a statement.
        """
        outcome = Outcome()
        try:
            with self.connection.cursor() as cursor:
                cursor.execute(_LIMITS)
                first = {name: self._count(cursor, name) for name in tables}
                for statement in statements:
                    self._one(cursor, statement, outcome, limit)
                outcome.counts = {name: [first[name], self._count(cursor, name)] for name in tables}
                self._try_back(cursor, outcome, first)
        except psycopg.Error as error:
            self.connection.rollback()
            raise BadInput(f"目标数据库拒绝了脚本：{str(error)[:300]}", "没有改动任何数据。") from error
        except (Conflict, BadInput):
            self.connection.rollback()
            raise
        return outcome

    def commit(self) -> None:
        """Make the change permanent and leave."""
        self.connection.commit()
        self.connection.close()

    def abandon(self) -> None:
        """Leave the target as it was; harmless after a commit."""
        if not self.connection.closed:
            self.connection.rollback()
            self.connection.close()

    def _count(self, cursor: Any, table: str) -> int:
        cursor.execute(sql.SQL("SELECT count(*) AS n FROM {}").format(_name(table)))
        return int(cursor.fetchone()["n"])

    def _keys(self, cursor: Any, table: str) -> list[str]:
        cursor.execute(_KEYS, [table])
        keys = [row["name"] for row in cursor.fetchall()]
        if not keys:
            raise Conflict(f"表「{table}」没有主键，平台无法保存逆向语句。", "请由执行人手工执行并登记。")
        return keys

    def _one(self, cursor: Any, statement: Statement, outcome: Outcome, limit: int) -> None:
        table, keys = _name(statement.table), self._keys(cursor, statement.table)
        if set(statement.columns) & set(keys):
            raise Conflict("脚本改动了主键，平台无法保存逆向语句。", "请由执行人手工执行并登记。")
        before: list[Row] = []
        if statement.verb != "insert":
            look = sql.SQL("SELECT * FROM {} WHERE {} LIMIT {} FOR UPDATE").format(
                table,
                sql.SQL(statement.where),
                sql.Literal(limit - outcome.affected + 1),
            )
            before = cursor.execute(look).fetchall()
            _within(outcome.affected + len(before), limit)
        if statement.verb == "insert":
            after = cursor.execute(sql.SQL(statement.text + " RETURNING *")).fetchall()
            touched = len(after)
        else:
            cursor.execute(sql.SQL(statement.text))  # the approved text, as it is
            touched = cursor.rowcount
            after = self._again(cursor, table, keys, before) if statement.verb == "update" else []
        if statement.verb != "insert" and touched != len(before):
            raise Conflict("执行影响的行与事先看到的不一致，已全部撤回。", "请检查触发器，或手工执行。")
        outcome.affected += touched
        _within(outcome.affected, limit)
        outcome.before += [_kept(statement.table, row) for row in before]
        outcome.after += [_kept(statement.table, row) for row in after]
        outcome.inverse[:0] = self._back(statement, table, keys, before, after)

    def _again(self, cursor: Any, table: sql.Composable, keys: list[str], rows: list[Row]) -> list[Row]:
        found: list[Row] = []
        for row in rows:
            found += cursor.execute(
                sql.SQL("SELECT * FROM {} WHERE ").format(table) + _where(keys, row)
            ).fetchall()
        return found

    def _back(
        self,
        statement: Statement,
        table: sql.Composable,
        keys: list[str],
        before: list[Row],
        after: list[Row],
    ) -> list[str]:
        """Return the statements that undo one statement."""
        made: list[sql.Composable] = []
        if statement.verb == "insert":
            made = [sql.SQL("DELETE FROM {} WHERE ").format(table) + _where(keys, row) for row in after]
        for row in before:
            names = sql.SQL(", ").join(map(sql.Identifier, row))
            if statement.verb == "delete":
                values = sql.SQL(", ").join(map(sql.Literal, row.values()))
                made.append(sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(table, names, values))
            else:
                sets = sql.SQL(", ").join(
                    sql.SQL("{} = {}").format(sql.Identifier(c), sql.Literal(row[c]))
                    for c in statement.columns
                )
                made.append(sql.SQL("UPDATE {} SET {} WHERE ").format(table, sets) + _where(keys, row))
        return [one.as_string(self.connection) for one in made]

    def _try_back(self, cursor: Any, outcome: Outcome, first: dict[str, int]) -> None:
        """Run the inverse in a savepoint and see that the counts and the rows are the old ones, then take it back."""
        cursor.execute("SAVEPOINT taxops_inverse")
        for text in outcome.inverse:
            cursor.execute(sql.SQL(text))
            if cursor.rowcount != 1:
                raise Conflict("逆向语句试运行没有恢复原状，已全部撤回。", "请检查触发器，或手工执行。")
        restored = {name: self._count(cursor, name) for name in first}
        cursor.execute("ROLLBACK TO SAVEPOINT taxops_inverse")
        if restored != first:
            raise Conflict("逆向语句试运行后行数与原来不符，已全部撤回。", "请检查触发器，或手工执行。")


def look_at(address: str) -> str:
    """Return version, user and mode of a database in words (测试连接); one read in a read-only transaction.

    Raises:
        Unavailable: it cannot be reached, or does not let the user in.
    """
    try:
        with psycopg.connect(
            address, connect_timeout=5, application_name="taxops-look", autocommit=True
        ) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), current_user, current_setting('transaction_read_only')"
            ).fetchone()
    except psycopg.Error as error:
        raise Unavailable("目标数据库连接不上。", f"请核对地址、用户和口令：{str(error)[:200]}") from error
    version, user, read_only = row or ("", "", "")
    return f"PostgreSQL {version}，用户 {user}，{'只读，不能执行修改' if read_only == 'on' else '可读写'}"


def _within(count: int, limit: int) -> None:
    if count > limit:
        raise Conflict(f"影响的行超过上限 {limit} 行，已全部撤回。", "请核对条件，或调整上限后重新审批。")


def _name(table: str) -> sql.Identifier:
    return sql.Identifier(*(part.strip('"') for part in table.split(".")))


def _where(keys: list[str], row: Row) -> sql.Composable:
    return sql.SQL(" AND ").join(
        sql.SQL("{} = {}").format(sql.Identifier(k), sql.Literal(row[k])) for k in keys
    )


def _kept(table: str, row: Row) -> Row:
    """Return a row as JSON keeps it."""
    kept: Row = json.loads(json.dumps(row, default=str, ensure_ascii=False))
    return {"表": table, **kept}
