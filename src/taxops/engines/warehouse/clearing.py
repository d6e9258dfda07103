"""Clearances (准用记录): which release of which engine passed the conformance suite; no other computes an indicator.

The releases that the product was tested with are shipped; `taxops warehouse conform` adds others to the warehouse that
they are to compute on.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from taxops.engines.base import BadInput, Unavailable

from .backends import Engine
from .conformance import TRIALS, Verdict
from .lake import StoredLake

FILE = "clearances.json"


@dataclass(frozen=True, slots=True)
class Clearance:
    """One engine's leave to compute (准用记录).

    Args:
        engine: its name.
        release: of the engine; PostgreSQL's major one, since its minor ones only mend faults.
        suite: hash of the trials it passed.
        on: when, as ISO text; empty for those shipped.
    """

    engine: str
    release: str
    suite: str
    on: str = ""


@cache
def suite() -> str:
    """Return the hash of the trials: their names and the right answers."""
    text = json.dumps([[t.name, repr(t.expected)] for t in TRIALS], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def release_of(engine: Engine) -> str:
    """Return the release that a clearance names."""
    text = engine.version().split()[0]
    return text.split(".")[0] if engine.name == "postgresql" else text


def demand_clearance(engine: Engine) -> None:
    """Refuse an engine that has not passed the suite, as shipped or as recorded beside the warehouse it is opened on.

    Raises:
        Unavailable: there is no clearance for this release and this suite; the message says how to get one.
    """
    if engine.cleared:
        return
    release = release_of(engine)
    lake = engine.lake
    known = (*shipped_clearances(), *(recorded(lake.store.root) if isinstance(lake, StoredLake) else ()))
    if not any((c.engine, c.release, c.suite) == (engine.name, release, suite()) for c in known):
        raise Unavailable(
            f"计算引擎 {engine.title} {release} 没有通过现行的一致性检验，不能用来计算指标。",
            "请运行 taxops warehouse conform --engine 引擎，全部通过后自动登记准用。",
        )
    engine.cleared = True


def clear(engine: Engine, verdicts: Sequence[Verdict], root: Path, now: datetime) -> Clearance:
    """Record that an engine passed every trial, beside a warehouse, unless its clearance is shipped.

    Raises:
        BadInput: a trial failed or was left out.
    """
    missing = [t.title for t in TRIALS if not any(v.name == t.name and v.ok for v in verdicts)]
    if missing:
        raise BadInput(
            f"{engine.title} 有 {len(missing)} 项检验没有通过：{'、'.join(missing[:5])}。", "不能登记准用。"
        )
    found = Clearance(engine.name, release_of(engine), suite(), now.isoformat())
    if replace(found, on="") in shipped_clearances():
        return found
    kept = [c for c in recorded(root) if (c.engine, c.release) != (found.engine, found.release)]
    root.mkdir(parents=True, exist_ok=True)
    aside = root / f"{FILE}.aside"
    aside.write_text(json.dumps([asdict(c) for c in (*kept, found)], ensure_ascii=False, indent=1), "utf-8")
    aside.replace(root / FILE)
    return found


@cache
def shipped_clearances() -> tuple[Clearance, ...]:
    """Return the clearances that come with the product."""
    text = files(__package__).joinpath("data/clearances.toml").read_text(encoding="utf-8")
    return tuple(Clearance(**one) for one in tomllib.loads(text)["clearance"])


def recorded(root: Path) -> tuple[Clearance, ...]:
    """Return the clearances recorded beside a warehouse; a file that cannot be read gives no engine leave."""
    try:
        return tuple(Clearance(**one) for one in json.loads((root / FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return ()
