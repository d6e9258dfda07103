"""What an engine is to the rest of the house (计算引擎): tables in, expressions run, SQL shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from taxops.engines.base import later
from taxops.engines.warehouse.lake import Lake

if TYPE_CHECKING:
    import pyarrow as pa
else:
    pa = later("pyarrow")

Expr = Any


class Engine(ABC):
    """One engine opened over one lake (计算引擎).

    Args:
        lake: what it reads.
    """

    name = ""
    title = ""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.cleared = False  # whether its clearance was looked up and found

    @property
    @abstractmethod
    def backend(self) -> Any:
        """Return the ibis backend."""

    @abstractmethod
    def table(self, name: str, months: Iterable[str] | None = None) -> Expr:
        """Return a table of the warehouse as an ibis expression; with `months`, at least those months of it."""

    @abstractmethod
    def version(self) -> str:
        """Return the version of the engine."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the engine."""

    def run(self, expr: Expr) -> pa.Table:
        """Return the rows of a table expression as Arrow."""
        return self.backend.to_pyarrow(expr)

    def rows(self, expr: Expr) -> list[dict[str, Any]]:
        """Return the rows of a table expression."""
        found: list[dict[str, Any]] = self.run(expr).to_pylist()
        return found

    def sql(self, expr: Expr) -> str:
        """Return the SQL that this engine runs for an expression."""
        return str(self.backend.compile(expr, pretty=True))

    def query(self, text: str, columns: dict[str, str]) -> Expr:
        """Return a SELECT of this engine's own dialect as a table expression with these columns and types."""
        return self.backend.sql(text, schema=columns)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
