"""How late the prober itself was (迟到): a small histogram, so that p99 costs nothing to keep."""

from __future__ import annotations

_BOUNDS = (1, 2, 3, 5, 7, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 1000, 2000, 5000, 10000, 60000)


class Lateness:
    """Counts lateness by bound; `take` answers and begins anew."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._most = 0.0

    def add(self, late_ms: float) -> None:
        """Count one start."""
        index = 0
        for bound in _BOUNDS:
            if late_ms <= bound:
                break
            index += 1
        self._counts[index] += 1
        if late_ms > self._most:
            self._most = late_ms

    def take(self) -> tuple[float, float, float]:
        """Return p50 and p99 (upper bound of their class) and the most, and begin anew."""
        counts, most = self._counts, self._most
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._most = 0.0
        total = sum(counts)
        return _share(counts, total, 0.50, most), _share(counts, total, 0.99, most), round(most, 2)


def _share(counts: list[int], total: int, share: float, most: float) -> float:
    if not total:
        return 0.0
    wanted = share * total
    seen = 0
    for index, count in enumerate(counts):
        seen += count
        if seen >= wanted:
            return round(min(most, float(_BOUNDS[index])) if index < len(_BOUNDS) else most, 2)
    return round(most, 2)
