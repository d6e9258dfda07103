"""A definition to bend (样例定义)."""

from __future__ import annotations

from typing import Any

ON_TIME: dict[str, Any] = {
    "code": "C101",
    "version": 3,
    "name": "按期申报率（户次）",
    "kind": "ratio",
    "source": "oblig",
    "time": "due",
    "filter": "obliged and status_at(due) not in ('suspended', 'abnormal')",
    "num": {"where": "filed_on <= due"},
    "den": {},
    "dims": ["tax", "tp.vat_kind"],
    "small_sample": {"min_den": 30},
    "targets": {"goal": 0.99, "alert": 0.97, "red": 0.95},
    "checks": [{"nulls": {"filed_on": 0.1}}, {"rows_vs_prev": [0.7, 1.4]}],
    "drill": ["tp.uscc", "tax", "due", "filed_on"],
    "law": [{"doc": "税收征收管理法", "art": "二十五"}],
}


def bent(**changes: Any) -> dict[str, Any]:
    """Return the sample with some keys changed; None removes a key."""
    return {k: v for k, v in {**ON_TIME, **changes}.items() if v is not None}
