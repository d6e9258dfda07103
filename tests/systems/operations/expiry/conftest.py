"""What runs out is tested on monitoring's province, system, checks and prober."""

from tests.systems.operations.monitoring.conftest import (
    _fresh_ticks,
    bureau,
    engineer,
    make_check,
    province,
    reporter,
    root,
    system,
    top,
)

__all__ = [
    "_fresh_ticks",
    "bureau",
    "engineer",
    "make_check",
    "province",
    "reporter",
    "root",
    "system",
    "top",
]
