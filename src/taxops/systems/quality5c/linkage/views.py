"""The page of the comparison with 总局 (总局联动与优劣势)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import BadInput, Scope
from taxops.systems.quality5c.definitions.showing import VERDICTS, value_words
from taxops.systems.quality5c.evaluation import queries as results
from taxops.systems.quality5c.evaluation.services import EDIT
from taxops.systems.quality5c.evaluation.views.schemes import OfScheme

from . import queries


class Linkage(OfScheme):
    """Gap to 总局, forecast, what-if (总局联动与优劣势)."""

    name = "q5c-linkage"
    path = "quality5c/linkage/"
    title = "总局联动与优劣势"
    permission = EDIT
    template = "quality5c/linkage.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return the comparison, and the answer to a what-if when one is asked."""
        if self.scheme is None:
            return {"scheme": None}
        top = queries.own_unit(scope, EDIT)
        rows = [
            (c, VERDICTS[c.gap.verdict],
             [value_words(v, c.indicator.unit) for v in
              (c.figure.value if c.figure else None, c.average, c.best, c.target, c.year_end)])
            for c in queries.compared(self.scheme.period, top)
        ]  # fmt: skip
        units = list(results.scores(scope, self.scheme.pk).order_by("org__path"))
        codes = sorted(self.scheme.frozen["versions"])
        asked = self._asked(units, codes, top)
        return {"scheme": self.scheme, "rows": rows, "units": units, "codes": codes, "asked": asked, "top": top,
                "n_good": sum(c.gap.verdict == "优势" for c, *_ in rows),
                "n_bad": sum(c.gap.verdict == "劣势" for c, *_ in rows)}  # fmt: skip

    def _asked(self, units: Sequence[Any], codes: Sequence[str], top: Any) -> Mapping[str, Any] | None:
        """Return the what-if's answer; without a value, the unit is lifted to the better quarter.

        Raises:
            BadInput: the value is no number.
        """
        code, org = self.request.GET.get("code", ""), self.request.GET.get("unit", "")
        score = next((u for u in units if str(u.org_id) == org), None)
        if score is None or code not in codes:
            return None
        text = self.request.GET.get("value", "").strip()
        try:
            value = float(text.rstrip("%")) / (100 if text.endswith("%") else 1) if text else None
        except ValueError:
            raise BadInput(f"「{text[:20]}」不是数。", "请填写 0.98 或 98%。") from None
        if value is None:
            value = queries.p75(self.scheme, code)
        if value is None:
            return {"unit": score, "code": code, "refused": "参评单位太少，没有先进水平可比。"}
        answer = queries.what_if(self.scheme, score.org, code, value, top)
        row = next((c for c in queries.compared(self.scheme.period, top) if c.indicator.code == code), None)
        unit = row.indicator.unit if row else "number"
        words = {k: value_words(answer[k], unit) for k in ("before", "province_before", "province_after")}
        return {
            "unit": score,
            "code": code,
            "value": value_words(value, unit),
            "answer": answer,
            "words": words,
        }


PAGES: Sequence[type[Any]] = [Linkage]
