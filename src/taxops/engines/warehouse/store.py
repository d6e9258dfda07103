"""Where the warehouse lies (数据仓库目录): Parquet files that a manifest names; what it does not name is not there.

<root>/manifest.json        the one truth; replaced by rename
<root>/data/<table>/<month>/<name>.parquet
<root>/loads/<number>-<batch>.json                 the records of a small batch, so that a cause can be named
<root>/staging/             what a load is writing; swept by the next load
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from taxops.engines.base import Conflict, Unavailable

WHOLE = "all"
"""The one partition of a table that is kept in one piece."""

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Partition:
    """One month of one table (分区).

    Args:
        version: grows with every load that touched it.
        files: relative to the root, in order.
        rows: how many.
        totals: money column → sum in 分.
        batches: loads that touched it, oldest first.
    """

    version: int
    files: tuple[str, ...]
    rows: int
    totals: Mapping[str, int]
    batches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadEntry:
    """One load as the warehouse remembers it (装载记录): whose, when, and what it made dirty.

    Args:
        number: of the manifest that it made.
        batch: its id.
        by: who loaded it; empty when nobody said.
        at: when, as ISO text; empty when nobody said.
        rows: table → rows of the batch.
        dirty: table → months whose content changed.
        records: file that names the records of a small batch, relative to the root; empty for a large one.
    """

    number: int
    batch: str
    by: str = ""
    at: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)
    dirty: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    records: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """Which files make up the warehouse (清单).

    Args:
        number: grows with every load.
        tables: table → month (`2025-06`, or `all`) → partition.
        batches: batch id → content hash.
        stale: files that the last load replaced; a reader may still be on them, the next load removes them.
        loads: what was loaded, oldest first; loads of before this was kept are not in it.
    """

    number: int = 0
    tables: Mapping[str, Mapping[str, Partition]] = field(default_factory=dict)
    batches: Mapping[str, str] = field(default_factory=dict)
    stale: tuple[str, ...] = ()
    loads: tuple[LoadEntry, ...] = ()

    def partitions(self, table: str) -> Mapping[str, Partition]:
        """Return the partitions of a table, empty when nothing was loaded."""
        return self.tables.get(table, {})

    def files(self, table: str, months: Iterable[str] | None = None) -> list[str]:
        """Return the files of a table, or of some of its months."""
        found = self.partitions(table)
        wanted = sorted(found) if months is None else sorted(m for m in set(months) if m in found)
        return [name for month in wanted for name in found[month].files]

    def versions(self, table: str, months: Iterable[str] | None = None) -> dict[str, int]:
        """Return month → version of what is there, of all or of some months."""
        found = self.partitions(table)
        wanted = found if months is None else {m for m in months if m in found} | ({WHOLE} & set(found))
        return {month: found[month].version for month in sorted(wanted)}

    def with_partition(self, table: str, month: str, partition: Partition) -> Manifest:
        """Return the manifest with one partition replaced."""
        tables = {**self.tables, table: {**self.partitions(table), month: partition}}
        return replace(self, tables=tables)


class Store:
    """The folder of a warehouse (数据仓库目录).

    Args:
        root: made on the first load.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, name: str) -> Path:
        """Return where a file of the manifest lies."""
        return self.root / name

    def manifest(self) -> Manifest:
        """Return the manifest as of now; an empty one when nothing was loaded.

        Raises:
            Unavailable: it cannot be read, or a newer product wrote it.
        """
        path = self.root / "manifest.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Manifest()
        except (OSError, ValueError) as error:
            raise Unavailable(f"数据仓库清单无法读取：{error}。", "请检查数据目录，或从备份恢复。") from error
        if data.get("format") != FORMAT:
            raise Unavailable(
                "数据仓库清单的格式不认识。",
                "请用写入它的版本打开，或重新装载；样本数据目录请先用 taxops warehouse load 装载。",
            )
        return _manifest(data)

    @contextmanager
    def loading(self) -> Iterator[Manifest]:
        """Hold the warehouse for one load and sweep what killed loads left; yields the manifest.

        Raises:
            Conflict: another load is running.
        """
        self.root.mkdir(parents=True, exist_ok=True)
        with (self.root / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Conflict("另一批数据正在装载。", "请等它完成后重试。") from error
            manifest = self.manifest()
            self._sweep(manifest)
            yield manifest

    def records(self, entry: LoadEntry) -> Mapping[str, list[dict[str, Any]]]:
        """Return table → records that a small batch brought, without masked columns; nothing for a large batch.

        Raises:
            Unavailable: the file is not there any more or cannot be read.
        """
        if not entry.records:
            return {}
        try:
            found: dict[str, list[dict[str, Any]]] = json.loads(self.path(entry.records).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"批次 {entry.batch} 的记录清单无法读取：{error}。", "请检查数据目录，或从备份恢复。"
            ) from error
        return found

    def staging(self, batch: str) -> Path:
        """Return the folder in which a load writes aside."""
        folder = self.root / "staging" / batch
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def commit(self, before: Manifest, after: Manifest, moves: Mapping[Path, str]) -> None:
        """Put staged files in place and then, by one rename, make them true.

        Args:
            before: the manifest that the load started from.
            after: the manifest to be.
            moves: staged file → its name in the manifest.
        """
        for staged, name in moves.items():
            target = self.path(name)
            target.parent.mkdir(parents=True, exist_ok=True)
            _sync(staged)
            staged.replace(target)
        for folder in {self.path(name).parent for name in moves.values()}:
            _sync(folder)
        now = {f for t in after.tables for f in after.files(t)}
        stale = tuple(sorted({f for t in before.tables for f in before.files(t)} - now))
        whole = replace(after, number=before.number + 1, stale=stale)
        aside = self.root / "manifest.json.aside"
        aside.write_text(
            json.dumps({"format": FORMAT, **asdict(whole)}, ensure_ascii=False, indent=1), "utf-8"
        )
        _sync(aside)
        aside.replace(self.root / "manifest.json")
        _sync(self.root)

    def _sweep(self, manifest: Manifest) -> None:
        """Remove what no manifest names: what a killed load left, and what the load before last replaced."""
        kept = {f for t in manifest.tables for f in manifest.files(t)}
        for folder in ("staging", "data"):
            for path in sorted((self.root / folder).rglob("*"), reverse=True):
                if path.is_dir():
                    if not any(path.iterdir()):
                        path.rmdir()
                elif str(path.relative_to(self.root)) not in kept:
                    path.unlink()


def _manifest(data: Mapping[str, Any]) -> Manifest:
    tables = {
        table: {
            month: Partition(p["version"], tuple(p["files"]), p["rows"], p["totals"], tuple(p["batches"]))
            for month, p in months.items()
        }
        for table, months in data["tables"].items()
    }
    loads = tuple(
        LoadEntry(**{**one, "dirty": {t: tuple(months) for t, months in one["dirty"].items()}})
        for one in data.get("loads", ())
    )
    return Manifest(data["number"], tables, data["batches"], tuple(data["stale"]), loads)


def _sync(path: Path) -> None:
    """Make a file's or folder's content survive a power cut."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
