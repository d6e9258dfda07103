"""Properties of AHP, entropy and CRITIC, and contradictions; published examples are in `test_published.py`."""

from __future__ import annotations

import numpy as np
import pytest

from taxops.engines.base import BadInput
from taxops.engines.scoring import ahp, critic_weights, entropy_weights


def test_saatys_consistent_matrix_gives_back_its_weights() -> None:
    w = np.array([60.0, 30.0, 10.0])
    found = ahp(w[:, None] / w[None, :])
    assert found.weights.tolist() == pytest.approx(w.tolist())
    assert found.ratio == pytest.approx(0, abs=1e-9)


def test_a_contradiction_is_measured_and_located() -> None:
    found = ahp(np.array([[1, 5, 1 / 5], [1 / 5, 1, 5], [5, 1 / 5, 1]]))
    assert found.ratio > 0.1
    assert not found.is_consistent


@pytest.mark.parametrize(
    ("_case", "matrix", "said"),
    [
        ("not square", [[1, 2]], "方阵"),
        ("not reciprocal", [[1, 2], [2, 1]], "倒数"),
        ("not positive", [[1, -2], [-0.5, 1]], "正数"),
    ],
)
def test_what_is_no_judgement_is_refused(_case: str, matrix: list[list[float]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        ahp(np.array(matrix, dtype=float))


def test_entropy_gives_nothing_to_what_does_not_differ() -> None:
    found = entropy_weights(np.array([[50.0, 10], [50, 90], [50, 40]]))
    assert found[0] == pytest.approx(0, abs=1e-9)
    assert found.sum() == pytest.approx(100)


def test_critic_prefers_what_conflicts() -> None:
    x = np.array([[0.0, 0, 100], [50, 50, 0], [100, 100, 60], [25, 25, 40]])
    found = critic_weights(x)
    assert found[0] == pytest.approx(found[1])
    assert found[2] > found[0]


def test_missing_values_are_refused() -> None:
    with pytest.raises(BadInput, match="完整"):
        entropy_weights(np.array([[np.nan]]))
