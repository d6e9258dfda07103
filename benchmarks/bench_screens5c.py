"""What the screens of quality5c cost the server, on a generated province with two computed periods.

    ./run bench screens5c [--size M] [--taxpayers N] [--database postgresql] [--keep FOLDER] [--json]

A province of the demonstration's offices is generated, loaded into the warehouse, computed for two months and
evaluated by both shipped templates; then every screen is asked (`pages.py` says how its time is read). Goal: each under
300 ms. `--keep` leaves the filled store where it is said, and uses it again.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT), str(ROOT / "benchmarks")]

from pages import GOAL_MS, ask, client_of, prepare, settled  # noqa: E402

NOW = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def fill(size: str, taxpayers: int | None) -> None:
    """Store the organisations, somebody who may see all, the definitions, the data, figures and schemes."""
    from tests import factories

    from taxops.engines.base import Scope
    from taxops.engines.province import Size
    from taxops.platform.identity.models import OrgUnit
    from taxops.project.demo import seed
    from taxops.systems.quality5c import sampling
    from taxops.systems.quality5c.definitions import computing
    from taxops.systems.quality5c.definitions import services as definitions
    from taxops.systems.quality5c.modelling import services as modelling

    root = Scope.system("基准", via="cli")
    seed.roles(now=NOW)
    seed.organisations(now=NOW)
    factories.person(
        "bench", OrgUnit.objects.get(level="province"),
        permissions=[f"quality5c.{code}" for code in ("view", "edit", "review", "import", "drill")],
    )  # fmt: skip
    definitions.load_shipped(root, now=NOW)
    modelling.load_shipped_model(root, now=NOW)
    sampling.TAXPAYERS = taxpayers or Size(size).taxpayers
    sampling.fill(root, computing.folder(), clock=lambda: NOW, tell=lambda text: print(text, file=sys.stderr))


def screens() -> list[tuple[str, str]]:
    """Return the screens by name, each on the thing of its kind that shows the most."""
    from taxops.systems.quality5c.definitions.models import Indicator, IndicatorResult
    from taxops.systems.quality5c.evaluation.models import Scheme, Score
    from taxops.systems.quality5c.modelling.models import EvaluationModel

    model = EvaluationModel.objects.order_by("pk")[0]
    scheme = Scheme.objects.order_by("-period", "pk")[0]
    score = Score.objects.filter(scheme=scheme).order_by("pk")[0]
    indicator = Indicator.objects.get(code="C101")
    figure = IndicatorResult.objects.filter(code="C101", org=score.org, period=scheme.period)[0]
    home = "/quality5c"
    return [
        ("综合评级", f"{home}/ratings/"),
        ("分类分级", f"{home}/tiers/"),
        ("分单位概览", f"{home}/units/?scheme={scheme.pk}&unit={score.org_id}"),
        ("分单位明细", f"{home}/scores/{score.pk}/"),
        ("指标结果", f"{home}/figures/"),
        ("指标结果，搜索", f"{home}/figures/?q=C101"),
        ("一个指标值", f"{home}/figures/{figure.pk}/"),
        ("总局联动与优劣势", f"{home}/linkage/"),
        ("评价方案", f"{home}/schemes/"),
        ("试算", f"{home}/trials/"),
        ("新建试算", f"{home}/trials/new/"),
        ("指标配置", f"{home}/indicators/"),
        ("一个指标", f"{home}/indicators/{indicator.pk}/"),
        ("模型配置", f"{home}/models/"),
        ("一个模型", f"{home}/models/{model.pk}/"),
        ("权重", f"{home}/models/{model.pk}/weights/"),
        ("方案模板", f"{home}/templates/"),
        ("外部数据导入", f"{home}/external/"),
    ]


def main() -> int:
    """Fill, ask, print; 1 when a screen misses its goal."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=["S", "M", "L"], default="M")
    parser.add_argument("--taxpayers", type=int)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    server = prepare(given.database, given.keep)
    try:
        from taxops.platform.identity.models import OrgUnit, Person
        from taxops.systems.quality5c.definitions.models import IndicatorResult
        from taxops.systems.quality5c.evaluation.models import Scheme

        began, spent = time.perf_counter(), time.process_time()
        filled = "kept from before"
        if not Scheme.objects.exists():
            fill(given.size, given.taxpayers)
            households = given.taxpayers or f"size {given.size}"
            took, cpu = time.perf_counter() - began, time.process_time() - spent
            filled = f"taxpayers: {households}, filled in {took:.0f} s, {cpu:.0f} CPU-s"
        settled()
        client = client_of(Person.objects.get(username="bench"), NOW)
        found = [(name, ask(client, path)) for name, path in screens()]
        counts: dict[str, Any] = {
            "offices": OrgUnit.objects.count(), "figures": IndicatorResult.objects.count(),
            "schemes": Scheme.objects.count(),
        }  # fmt: skip
        if given.json:
            pages = [{"name": name, **cost.data()} for name, cost in found]
            print(json.dumps({"goal_ms": GOAL_MS, **counts, "pages": pages}, ensure_ascii=False))
        else:
            print(f"{given.database}: {counts}, {filled}; goal {GOAL_MS} ms a screen")
            for name, cost in found:
                print(f"{cost.line()}  {name}")
        return int(any(cost.spent_ms >= GOAL_MS or cost.status != 200 for _, cost in found))
    finally:
        if server is not None:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
