"""What 总局 sent about indicators (总局下发): a room above says it, the pages of figures and units only ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from taxops.platform.identity.models import OrgUnit

from .rules import Gap, gap_of

Answer = Callable[[str, OrgUnit], Mapping[str, Mapping[str, float]]]
_answers: list[Answer] = []


@dataclass(frozen=True, slots=True)
class Sent:
    """What 总局 sent about one indicator of a unit, and how far the unit is from it (总局对照)."""

    average: float | None
    best: float | None
    target: float | None
    gap: Gap


def asks(answer: Answer) -> None:
    """Let a room above say what was sent for a period and a unit; declaring it twice changes nothing."""
    if answer not in _answers:
        _answers.append(answer)


def compared(period: str, org: OrgUnit, values: Mapping[str, tuple[float | None, str]]) -> dict[str, Sent]:
    """Return code → comparison, for the indicators about which 总局 sent anything.

    Args:
        values: code → (the unit's value, direction of the indicator).
    """
    said: dict[str, Mapping[str, float]] = {}
    for answer in _answers:
        said.update(answer(period, org))
    found = {}
    for code, (value, direction) in values.items():
        if one := said.get(code):
            average, best, target = one.get("average"), one.get("best"), one.get("target")
            found[code] = Sent(
                average, best, target, gap_of(value, direction, average=average, best=best, target=target)
            )
    return found
