"""Weights (权重) other than by hand: AHP with its consistency, entropy, CRITIC. Shown beside the manual ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from taxops.engines.base import BadInput, later

from .normalising import Floats

if TYPE_CHECKING:
    import numpy as np
else:
    np = later("numpy")

# Saaty's random indices for n = 1 … 15
_RANDOM = (0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)


@dataclass(frozen=True, slots=True)
class AhpResult:
    """Weights by pairwise comparison (层次分析法).

    Args:
        weights: in percent, adding up to 100.
        ratio: consistency ratio; at or above 0.1 the judgements contradict themselves.
        worst: the pair (row, column) whose judgement fits least, for the person to look at again.
    """

    weights: Floats
    ratio: float
    worst: tuple[int, int]

    @property
    def is_consistent(self) -> bool:
        """Test the usual limit of 0.1."""
        return self.ratio < 0.1


def ahp(matrix: Floats) -> AhpResult:
    """Return weights and consistency of a pairwise comparison matrix.

    Raises:
        BadInput: the matrix is not square, not positive, not reciprocal, or larger than 15.
    """
    a = np.asarray(matrix, dtype=np.float64)
    if a.ndim != 2 or a.shape[0] != a.shape[1] or not 1 <= a.shape[0] <= 15:
        raise BadInput("判断矩阵应是 1 到 15 阶的方阵。")
    if not np.isfinite(a).all() or (a <= 0).any():
        raise BadInput("判断矩阵的每一格都应是正数。")
    if not np.allclose(a * a.T, 1.0, rtol=1e-6):
        row, column = divmod(int(np.argmax(np.abs(np.log(a * a.T)))), len(a))
        raise BadInput(f"判断矩阵第 {row + 1} 行第 {column + 1} 列与对称位置不互为倒数。")
    values, vectors = np.linalg.eig(a)
    top = int(np.argmax(values.real))
    w = np.abs(vectors[:, top].real)
    w = w / w.sum()
    n = len(a)
    index = (values[top].real - n) / (n - 1) if n > 1 else 0.0
    ratio = max(0.0, index / _RANDOM[n - 1]) if n > 2 else 0.0
    misfit = np.abs(np.log(a * w[None, :] / w[:, None]))
    row, column = divmod(int(np.argmax(misfit)), n)
    return AhpResult(100.0 * w, float(ratio), (min(row, column), max(row, column)))


def entropy_weights(points: Floats) -> Floats:
    """Return entropy weights in percent of units × items points (熵权法); it rewards noise: never a default.

    Raises:
        BadInput: a value is missing or negative.
    """
    x = _complete(points)
    total = x.sum(axis=0)
    p = np.divide(x, total, out=np.full_like(x, 1.0 / len(x)), where=total > 0)
    logs = np.log(p, out=np.zeros_like(p), where=p > 0)
    spread = 1.0 + (p * logs).sum(axis=0) / np.log(max(2, len(x)))
    return _percent(np.maximum(spread, 0.0))


def critic_weights(points: Floats) -> Floats:
    """Return CRITIC weights in percent: spread times conflict with the other items.

    Raises:
        BadInput: a value is missing or negative.
    """
    x = _complete(points)
    low, high = x.min(axis=0), x.max(axis=0)
    scaled = np.divide(x - low, high - low, out=np.zeros_like(x), where=high > low)
    sigma = scaled.std(axis=0, ddof=1) if len(x) > 1 else np.zeros(x.shape[1])
    centred = scaled - scaled.mean(axis=0)
    norms = np.sqrt((centred**2).sum(axis=0))
    product = np.outer(norms, norms)
    r = np.divide(centred.T @ centred, product, out=np.eye(x.shape[1]), where=product > 0)
    return _percent(sigma * (1.0 - r).sum(axis=0))


def _complete(points: Floats) -> Floats:
    x = np.asarray(points, dtype=np.float64)
    if x.ndim != 2 or not x.size or not np.isfinite(x).all() or (x < 0).any():
        raise BadInput("客观赋权需要完整的、非负的 单位 × 指标 得分表。", "请先排除缺失的单位或指标。")
    return x


def _percent(raw: Floats) -> Floats:
    total = raw.sum()
    return 100.0 * raw / total if total > 0 else np.full_like(raw, 100.0 / len(raw))
