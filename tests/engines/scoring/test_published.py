"""Composite indices and weightings as others published them come out of these engines with the published digits."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from taxops.engines.scoring import ahp, critic_weights, entropy_weights, evaluate, parse_model

THIRD = 100 / 3
HDI: dict[str, Any] = {
    "model": "HDI 2004",
    "version": 1,
    "tree": {
        "health": {"w": THIRD, "items": {"life": {"w": 100, "norm": {"goalposts": [25, 85]}}}},
        "knowledge": {
            "w": THIRD,
            "items": {
                "literacy": {"w": 2 * THIRD, "norm": {"goalposts": [0, 100]}},
                "enrolment": {"w": THIRD, "norm": {"goalposts": [0, 100]}},
            },
        },
        "living": {
            "w": THIRD,
            "items": {"gdp": {"w": 100, "norm": {"goalposts": [math.log(100), math.log(40_000)]}}},
        },
    },
    "grades": {"high": 80, "medium": 50, "low": 0},
}
"""The human development index before 2010 (UNDP, Human Development Report 2006, technical note 1)."""


@pytest.mark.parametrize(
    ("_country", "life", "literacy", "enrolment", "gdp", "education", "index", "grade"),
    [
        ("Brazil", 70.8, 88.6, 85.7, 8_195, 0.876, 0.792, "medium"),
        ("Kuwait", 77.1, 93.3, 73, 19_384, 0.865, 0.871, "high"),
    ],
)
def test_the_human_development_index(
    _country: str,
    life: float,
    literacy: float,
    enrolment: float,
    gdp: float,
    education: float,
    index: float,
    grade: str,
) -> None:
    found = evaluate(parse_model(HDI), np.array([[life, literacy, enrolment, math.log(gdp)]]))
    assert round(found.aspects[0, 1] / 100, 3) == education
    assert round(found.totals[0] / 100, 3) == index
    assert found.grades == (grade,)


def test_what_is_drunk_in_the_united_states() -> None:
    """Saaty (2008), Decision making with the analytic hierarchy process, table 2: seven drinks, one judge."""
    judged = np.array(
        [
            [1, 9, 5, 2, 1, 1, 1 / 2],
            [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
            [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9],
            [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
            [1, 9, 4, 2, 1, 2, 1 / 2],
            [1, 9, 3, 1, 1 / 2, 1, 1 / 3],
            [2, 9, 9, 3, 2, 3, 1],
        ]
    )
    found = ahp(judged)
    assert (found.weights / 100).tolist() == pytest.approx(
        [0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327], abs=6e-4
    )
    assert found.ratio == pytest.approx(0.022, abs=5e-4)


def test_the_pharmaceutical_companies_that_critic_was_shown_on() -> None:
    """Diakoulaki, Mavrotas and Papayannakis (1995): eight companies, three criteria, more is better."""
    raw = np.array(
        [
            [61, 1.08, 4.33],
            [20.7, 0.26, 4.34],
            [16.3, 1.98, 2.53],
            [9, 3.29, 1.65],
            [5.4, 2.77, 2.33],
            [4, 4.12, 1.21],
            [-6.1, 3.52, 2.10],
            [-34.6, 3.31, 0.98],
        ]
    )
    points = (raw - raw.min(axis=0)) / (raw.max(axis=0) - raw.min(axis=0)) * 100
    assert (critic_weights(points) / 100).tolist() == pytest.approx(
        [0.20222554, 0.48090173, 0.31687273], abs=1e-8
    )


def test_entropy_weights_of_four_alternatives() -> None:
    """Xu (2004), A note on the subjective and objective integrated approach: the last criterion hardly differs."""
    raw = np.array([[30, 30, 38, 29], [19, 54, 86, 29], [19, 15, 85, 28.9], [68, 70, 60, 29]])
    assert (entropy_weights(raw) / 100).round(4).tolist() == [0.4630, 0.3992, 0.1378, 0.0]
