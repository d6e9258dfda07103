"""Typed errors (错误): what happened and what to do, in Chinese, for the person who reads them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong with one row of an imported file (导入行错误). `row` counts from 1, header included."""

    row: int
    column: str
    what: str

    def __str__(self) -> str:
        return f"第 {self.row} 行「{self.column}」：{self.what}"


class TaxopsError(Exception):
    """An anticipated failure (可预期的错误).

    Args:
        what: what happened, one Chinese sentence for the reader.
        todo: what the reader can do about it.
        field: the input field it belongs to, when it belongs to one.
        problems: row-level findings of an import.
    """

    code = "error"
    status = 400

    def __init__(
        self,
        what: str,
        todo: str = "",
        *,
        field: str | None = None,
        problems: Sequence[RowProblem] = (),
    ) -> None:
        super().__init__(what)
        self.what = what
        self.todo = todo
        self.field = field
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return self.what + (f" {self.todo}" if self.todo else "")

    def as_dict(self) -> dict[str, object]:
        """Return the error as the API answers it: code, what, todo and, where known, field and rows."""
        answer: dict[str, object] = {"code": self.code, "what": self.what, "todo": self.todo}
        if self.field:
            answer["field"] = self.field
        if self.problems:
            answer["problems"] = [{"row": p.row, "column": p.column, "what": p.what} for p in self.problems]
        return answer


class BadInput(TaxopsError):
    """The input cannot be used (输入有误); nothing was stored."""

    code = "bad_input"
    status = 400


class NotPermitted(TaxopsError):
    """The actor may not do this here (无权操作)."""

    code = "not_permitted"
    status = 403


class NotFound(TaxopsError):
    """No such thing within the actor's scope (查无此项)."""

    code = "not_found"
    status = 404


class Conflict(TaxopsError):
    """Somebody else was first, or the state does not allow it (状态冲突)."""

    code = "conflict"
    status = 409


class TooLarge(TaxopsError):
    """More bytes or rows than the place accepts (内容过大)."""

    code = "too_large"
    status = 413


class Unavailable(TaxopsError):
    """A service that this depends on does not answer (依赖服务不可用)."""

    code = "unavailable"
    status = 503
