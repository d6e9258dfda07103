"""What the contract tests need to know about each page: how to make something for it to show.

Each room adds a module here (`tests/contracts/samples/<room>.py`):

    from tests.contracts.samples import World, rows, sample

    @rows("monitoring-checks")                       # a list page: make `count` rows that belong to `org`
    def checks(world, org, count): ...

    @sample("monitoring-check", "monitoring-check-edit", extra=["monitoring.view"])
    def check(world, org):                           # pages with arguments: make one thing, return the arguments
        return {"pk": make(org).pk}

`extra` names permissions that the reader needs besides the page's own; `shared="why"` says that the thing
belongs to nobody's area, so that a neighbour may see it too; `query="?code=x"` is added to the address.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from taxops.platform.identity.models import OrgUnit, Person


@dataclass
class World:
    """The small province that a contract test plays in."""

    now: datetime
    units: Mapping[str, OrgUnit]
    home: OrgUnit
    neighbour: OrgUnit
    reader: Person | None = None
    """Who reads the page, where the thing must be theirs (their own notices, their own jobs)."""


@dataclass(frozen=True)
class Sample:
    """How to make one thing for a page with arguments."""

    make: Callable[[World, OrgUnit], Mapping[str, Any]]
    extra: Sequence[str] = ()
    shared: str = ""
    query: str = ""


@dataclass(frozen=True)
class Rows:
    """How to make rows for a list page."""

    make: Callable[[World, OrgUnit, int], object]
    extra: Sequence[str] = ()
    shared: str = ""


@dataclass
class _Known:
    samples: dict[str, Sample] = field(default_factory=dict)
    rows: dict[str, Rows] = field(default_factory=dict)


_known = _Known()


def sample(
    *pages: str, extra: Sequence[str] = (), shared: str = "", query: str = ""
) -> Callable[[Callable[[World, OrgUnit], Mapping[str, Any]]], Callable[[World, OrgUnit], Mapping[str, Any]]]:
    """Register how to make the thing that these pages show."""

    def take(
        make: Callable[[World, OrgUnit], Mapping[str, Any]],
    ) -> Callable[[World, OrgUnit], Mapping[str, Any]]:
        for page in pages:
            _known.samples[page] = Sample(make, extra, shared, query)
        return make

    return take


def rows(
    *pages: str, extra: Sequence[str] = (), shared: str = ""
) -> Callable[[Callable[[World, OrgUnit, int], object]], Callable[[World, OrgUnit, int], object]]:
    """Register how to make rows for these lists."""

    def take(make: Callable[[World, OrgUnit, int], object]) -> Callable[[World, OrgUnit, int], object]:
        for page in pages:
            _known.rows[page] = Rows(make, extra, shared)
        return make

    return take


def sample_of(page: str) -> Sample | None:
    """Return the sample of a page with arguments."""
    return _known.samples.get(page)


def rows_of(page: str) -> Rows | None:
    """Return the rows of a list page."""
    return _known.rows.get(page)


for _module in iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
