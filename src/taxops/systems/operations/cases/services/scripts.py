"""Reading a data fix's script (修改脚本): which single-table statements it holds; anything else the platform refuses.

What runs is the approved text itself, cut at its semicolons; the parsed form only tells what to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, later

if TYPE_CHECKING:
    import sqlglot
    from sqlglot import errors, exp, tokens
else:
    sqlglot = later("sqlglot")
    errors = later("sqlglot.errors")
    exp = later("sqlglot.expressions")
    tokens = later("sqlglot.tokens")

_MANUAL = "这样的脚本请由执行人手工执行并登记（目标写 manual）。"


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a script (语句).

    Args:
        text: exactly as approved.
        verb: insert, update or delete.
        table: as written, schema included.
        where: condition of an update or delete.
        columns: columns that an update sets.
    """

    text: str
    verb: str
    table: str
    where: str
    columns: tuple[str, ...]


def _pieces(script: str) -> list[str]:
    """Return the statements' own texts, cut at semicolons outside of strings and comments."""
    try:
        found_tokens = sqlglot.tokenize(script, read="postgres")
    except errors.SqlglotError as error:
        raise BadInput("脚本无法解析。", str(error)[:200], field="script") from error
    found, start = [], 0
    for token in found_tokens:
        if token.token_type is tokens.TokenType.SEMICOLON:  # type: ignore[attr-defined]  # its own stub forgets it
            found.append(script[start : token.start])
            start = token.end + 1
    found.append(script[start:])
    return [piece.strip() for piece in found if piece.strip()]


def read_script(script: str, tables: list[str]) -> list[Statement]:
    """Return the statements of a script.

    Args:
        tables: names that were approved; every statement's table must be one of them.

    Raises:
        BadInput: nothing in it, not SQL, more than plain inserts, updates and deletes on one table each, no
            condition, or a table that was not named.
    """
    found = [_statement(piece) for piece in _pieces(script)]
    if not found:
        raise BadInput("脚本里没有语句。", field="script")
    named = {name.strip().lower() for name in tables}
    for statement in found:
        if statement.table.lower() not in named:
            raise BadInput(
                f"脚本改动了没有列出的表「{statement.table}」。",
                "请在涉及的表中写明，重新审批。",
                field="tables",
            )
    return found


def _statement(piece: str) -> Statement:
    try:
        tree = sqlglot.parse_one(piece, read="postgres")
    except errors.SqlglotError as error:
        raise BadInput("脚本无法解析。", str(error)[:200], field="script") from error
    if not isinstance(tree, exp.Insert | exp.Update | exp.Delete):
        raise BadInput("脚本只能有 INSERT、UPDATE、DELETE。", _MANUAL, field="script")
    if tree.args.get("with_") or tree.args.get("with") or tree.args.get("from_") or tree.args.get("from"):
        raise BadInput("脚本用了 WITH 或多表 FROM。", _MANUAL, field="script")
    if tree.args.get("using") or tree.args.get("returning") or tree.args.get("conflict"):
        raise BadInput("脚本用了 USING、RETURNING 或 ON CONFLICT。", _MANUAL, field="script")
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    if not isinstance(target, exp.Table) or target.alias:
        raise BadInput("脚本的目标表写法平台不支持（别名或多表）。", _MANUAL, field="script")
    name = target.sql(dialect="postgres")
    where = tree.args.get("where")
    if isinstance(tree, exp.Insert):
        return Statement(piece, "insert", name, "", ())
    if where is None:
        raise BadInput("UPDATE、DELETE 必须有 WHERE 条件。", field="script")
    columns: tuple[str, ...] = ()
    if isinstance(tree, exp.Update):
        columns = tuple(c.name for part in tree.expressions for c in [part.this] if isinstance(c, exp.Column))
        if len(columns) != len(tree.expressions):
            raise BadInput("UPDATE 的赋值写法平台不支持。", _MANUAL, field="script")
    verb = "update" if isinstance(tree, exp.Update) else "delete"
    return Statement(piece, verb, name, where.this.sql(dialect="postgres"), columns)
