"""Evaluate a template for a period in one call (一步评价): for the command line; a trial writes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from taxops.engines.base import NotFound, Scope
from taxops.engines.indicators import Period
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.modelling.models import SchemeTemplate

from . import services
from .models import Scheme
from .rules import fingerprint
from .scoring import freeze, scored


def evaluate(scope: Scope, *, now: datetime, template: str, period: str, trial: bool) -> dict[str, Any]:
    """Return the scores of a template for a period, best first.

    Args:
        trial: compute only; otherwise the scheme is made when it is not there, and computed anew when it is open.

    Raises:
        NotFound: no such template. BadInput: no period, or nothing to evaluate.
    """
    period = str(Period.parse(period))
    found = SchemeTemplate.objects.select_related("model").filter(code=template).first()
    if found is None:
        codes = "、".join(SchemeTemplate.objects.order_by("code").values_list("code", flat=True))
        raise NotFound(f"没有方案模板「{template}」。", f"可用的有：{codes or '（无）'}。")
    scheme = Scheme.objects.filter(template=found, period=period).first()
    if trial:
        scheme = scheme or Scheme(
            template=found, period=period, name=f"{period} {found.name}", frozen=freeze(found, period)
        )
    else:
        scheme = scheme or services.make_scheme(scope, now=now, template_id=found.pk, period=period)
        if scheme.state != "published":
            scheme = services.evaluate_scheme(scope, scheme.pk, now=now)
    scores = scored(scheme)
    units = OrgUnit.objects.in_bulk([s.unit for s in scores])
    return {
        "scheme": found.code, "name": scheme.name, "period": period, "trial": trial, "hash": fingerprint(scores),
        "units": [
            {"unit": units[s.unit].code, "name": units[s.unit].short_name or units[s.unit].name, "score": s.total,
             "grade": s.grade, "rank": s.rank, "rank_interval": [s.rank_low, s.rank_high], "capped_by": s.capped_by,
             "borderline": s.borderline, "class": s.peer_class, "tier": s.tier, "aspects": dict(s.aspects)}
            for s in sorted(scores, key=lambda s: (s.rank == 0, s.rank, s.unit))
        ],
    }  # fmt: skip
