"""Decisions of maps (指标地图的判定): which of few levels a value reaches, and what the levels mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from taxops.systems.quality5c.definitions.rules import Figure, FigureState, missed
from taxops.systems.quality5c.definitions.showing import value_words

GOOD, PLAIN, WARNING, BAD, NONE = "good", "plain", "warning", "bad", "none"
SURE = frozenset({FigureState.TRUSTED.value, FigureState.DOUBTFUL.value, FigureState.SMALL.value})


@dataclass(frozen=True, slots=True)
class Legend:
    """What a colour of the map means (图例)."""

    tone: str
    words: str


def levelled(
    figures: Mapping[int, Figure], direction: str, targets: Mapping[str, float], unit: str
) -> tuple[dict[int, str], Sequence[Legend]]:
    """Return unit → tone, and the legend.

    With targets a value is measured by them: goal met, between goal and alert, beyond the alert line, beyond the red
    line. Without targets the units are parted in thirds, best first; where neither more nor less is better no unit is
    judged.
    """
    known = {o: f.value for o, f in figures.items() if f.value is not None and f.state in SURE}
    tones = dict.fromkeys(figures, NONE)
    none = [Legend(NONE, "没有数")] if len(known) < len(figures) else []
    if direction == "range":
        return {**tones, **dict.fromkeys(known, PLAIN)}, [Legend(PLAIN, "适度指标，不判优劣"), *none]
    if "goal" in targets:
        return {**tones, **{o: _by_target(v, direction, targets) for o, v in known.items()}}, [
            *_target_legend(direction, targets, unit), *none,
        ]  # fmt: skip
    return {**tones, **_thirds(known, direction)}, [
        Legend(GOOD, "前三分之一"), Legend(PLAIN, "中间"), Legend(WARNING, "后三分之一"), *none,
    ]  # fmt: skip


def _by_target(value: float, direction: str, targets: Mapping[str, float]) -> str:
    if missed(value, targets.get("red"), direction):
        return BAD
    if missed(value, targets.get("alert"), direction):
        return WARNING
    return PLAIN if missed(value, targets["goal"], direction) else GOOD


def _target_legend(direction: str, targets: Mapping[str, float], unit: str) -> list[Legend]:
    beyond = "低于" if direction == "up" else "高于"
    found = [Legend(GOOD, f"达到目标 {value_words(targets['goal'], unit)}"), Legend(PLAIN, "未达目标")]
    for key, tone, name in (("alert", WARNING, "警戒值"), ("red", BAD, "红线")):
        if key in targets:
            found.append(Legend(tone, f"{beyond}{name} {value_words(targets[key], unit)}"))
    return found


def _thirds(known: Mapping[int, float], direction: str) -> dict[int, str]:
    """Return unit → tone by thirds; equal values share the better one."""
    ordered = sorted(known.values(), reverse=direction == "up")
    n = len(ordered)
    found = {}
    for org, value in known.items():
        place = ordered.index(value)
        found[org] = GOOD if place * 3 < n else PLAIN if place * 3 < 2 * n else WARNING
    return found
