"""Models that tests share."""

from __future__ import annotations

from typing import Any

GOLDEN: dict[str, Any] = {
    "model": "示例",
    "tree": {
        "征": {
            "w": 30,
            "items": {
                "a": {"w": 50, "norm": {"goalposts": [90, 100]}},
                "b": {"w": 30, "norm": {"goalposts": [30, 10]}},
                "c": {"w": 20, "norm": {"target": 100}},
            },
        },
        **{
            name: {"w": w, "items": {name: {"w": 100, "norm": {"goalposts": [0, 100]}}}}
            for name, w in (("服", 20), ("控", 20), ("查", 15), ("纠", 15))
        },
    },
}
