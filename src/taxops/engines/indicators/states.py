"""Monthly states (月度中间结果): what a slice of a measure came to, per subject, kept by fingerprint."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from taxops.engines.base import later

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.ipc as ipc
else:
    pa = later("pyarrow")
    ipc = later("pyarrow.ipc")


Number = int | float
VALUE = "value"
"""The column that holds the number; the others are the subject and the dimensions."""


class States(Protocol):
    """Keeps states by fingerprint; what is lost is computed again."""

    def get(self, fingerprint: str) -> pa.Table | None:
        """Return a state, or None when it is not kept."""

    def put(self, fingerprint: str, state: pa.Table) -> None:
        """Keep a state."""


class MemoryStates:
    """States of this process (内存中的中间结果)."""

    def __init__(self) -> None:
        self._kept: dict[str, pa.Table] = {}

    def get(self, fingerprint: str) -> pa.Table | None:
        """Return a state, or None when it is not kept."""
        return self._kept.get(fingerprint)

    def put(self, fingerprint: str, state: pa.Table) -> None:
        """Keep a state."""
        self._kept[fingerprint] = state


class FolderStates:
    """States in a folder (目录中的中间结果), a file each; a file that cannot be read is as good as none.

    Args:
        folder: made when needed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def _path(self, fingerprint: str) -> Path:
        return self.folder / fingerprint[:2] / f"{fingerprint}.arrow"

    def get(self, fingerprint: str) -> pa.Table | None:
        """Return a state, or None when it is not kept."""
        try:
            with ipc.open_file(self._path(fingerprint)) as reader:
                return reader.read_all()
        except (OSError, pa.ArrowInvalid):  # not there, or torn by a power cut: computed again
            return None

    def put(self, fingerprint: str, state: pa.Table) -> None:
        """Keep a state, written aside and renamed."""
        path = self._path(fingerprint)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".aside")
        with ipc.new_file(aside, state.schema) as writer:
            writer.write_table(state)
        aside.replace(path)


FEW = 50_000
"""Up to so many rows are added up in Python: Arrow's grouping brings pandas along, half a second when first used."""


def added(
    states: list[pa.Table], keys: list[str], *, few: int = FEW
) -> dict[tuple[object, ...], Number | None]:
    """Return the sum of additive states, subject by subject; a single state as it is.

    Args:
        states: of one measure, in the order of their slices.
        keys: the columns of the subject and the dimensions.
        few: up to so many rows are added in Python.
    """
    if len(states) == 1:
        return _mapping(states[0], keys)
    if sum(s.num_rows for s in states) > few:
        table = pa.concat_tables(states, promote_options="permissive")
        return _mapping(table.group_by(keys).aggregate([(VALUE, "sum")]).rename_columns([*keys, VALUE]), keys)
    found: dict[tuple[object, ...], Number | None] = {}
    for state in states:
        for subject, value in _mapping(state, keys).items():
            before = found.get(subject)
            found[subject] = value if before is None else before if value is None else before + value
    return found


def _mapping(state: pa.Table, keys: list[str]) -> dict[tuple[object, ...], Number | None]:
    columns = [state.column(k).to_pylist() for k in keys]
    values = state.column(VALUE).to_pylist()
    return dict(zip(zip(*columns, strict=True), values, strict=True))
