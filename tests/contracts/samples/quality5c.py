"""Samples of quality5c: indicators, models, schemes with scores, trials, batches."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from taxops.engines.base import Scope
from taxops.platform.identity.models import OrgUnit
from taxops.systems.quality5c.definitions import services as figures
from taxops.systems.quality5c.definitions.models import Indicator, IndicatorResult, IndicatorVersion
from taxops.systems.quality5c.definitions.rules import Figure
from taxops.systems.quality5c.evaluation.models import Detail, Scheme, Score, Trial
from taxops.systems.quality5c.external.models import ExternalBatch
from taxops.systems.quality5c.modelling import services as modelling
from taxops.systems.quality5c.modelling.models import EvaluationModel, ModelVersion, SchemeTemplate
from taxops.systems.quality5c.proposals import queries as proposing
from taxops.systems.quality5c.proposals.models import Proposal
from taxops.systems.quality5c.recounts.models import Recount
from taxops.systems.quality5c.revisions.models import FigureRevision
from taxops.systems.quality5c.signals.models import Signal, SignalRule
from taxops.systems.quality5c.timing.models import TimedRun
from tests import factories
from tests.contracts.samples import World, rows, sample

SYSTEM = Scope.system("样例")
PROVINCE = "指标、模型、方案属于全省，不属于某个单位"


def load(world: World) -> EvaluationModel:
    figures.load_shipped(SYSTEM, now=world.now)
    return modelling.load_shipped_model(SYSTEM, now=world.now)


def below(org: OrgUnit) -> OrgUnit:
    return factories.org(f"{org.code}F{OrgUnit.objects.count()}", org, level="branch")


def make_scheme(world: World, period: str = "2025-06") -> Scheme:
    model = load(world)
    version = ModelVersion.objects.get(model=model, number=1)
    scheme, _ = Scheme.objects.get_or_create(
        template=SchemeTemplate.objects.get(code="county-month"), period=period,
        defaults={"name": f"{period} 综合评价", "made_at": world.now, "made_by": "样例", "state": "published",
                  "evaluated_at": world.now, "published_at": world.now, "published_by": "样例",
                  "frozen": {"model_version": 1, "model": version.data, "versions": {"C101": 1}, "units": [],
                             "classes": [], "revision": 1}},
    )  # fmt: skip
    return scheme


def make_score(world: World, org: OrgUnit) -> Score:
    scheme, unit = make_scheme(world), below(org)
    Detail.objects.create(scheme=scheme, org=unit, code="C101", version=1, aspect="C1", num=97, den=100, value=0.97,
                          state="trusted", points=44.4, weight=3, contribution=1.3, loss=1.7,
                          percentile=0.9)  # fmt: skip
    return Score.objects.create(
        scheme=scheme, org=unit, total=79.8, grade="C", uncapped="C", rank=1, rank_low=1, rank_high=3,
        borderline=True, kept=0.8, peer_class="县局（合并）", tier="2", aspects={"C1": {"score": 44.4, "tier": "2"}},
    )  # fmt: skip


def make_figure(world: World, org: OrgUnit) -> IndicatorResult:
    load(world)
    unit = below(org)
    figures.record_results({("C101", unit.pk): Figure(97, 100, 0.97)}, period="2025-06", versions={"C101": 1})
    return IndicatorResult.objects.get(org=unit)


def make_version(world: World, state: str = "draft") -> IndicatorVersion:
    load(world)
    indicator = Indicator.objects.get(code="C101")
    first = indicator.versions.get(number=1)
    return IndicatorVersion.objects.create(
        indicator=indicator, number=indicator.versions.count() + 1, text=first.text.replace("0.99", "0.98"),
        content_hash="0" * 64, state=state, author_name="样例", created_at=world.now,
    )  # fmt: skip


def make_model_version(world: World, state: str = "draft") -> ModelVersion:
    model = load(world)
    first = model.versions.get(number=1)
    return ModelVersion.objects.create(
        model=model, number=model.versions.count() + 1, data=first.data, state=state, author_name="样例",
        created_at=world.now,
    )  # fmt: skip


def make_trial(world: World) -> Trial:
    return Trial.objects.create(
        scheme=make_scheme(world), title=f"试算{Trial.objects.count()}", author_name="样例", at=world.now,
        expires_at=world.now + timedelta(days=30), overlay={"weights": {}, "values": [], "model_version": None},
        result={"summary": {"units": 0, "changed": 0, "grades": 0, "tiers": 0, "mean_shift": 0, "max_shift": 0},
                "rows": []},
    )  # fmt: skip


def make_batch(world: World) -> ExternalBatch:
    return ExternalBatch.objects.create(
        template="survey", number=ExternalBatch.objects.count() + 1, rows=1, periods=["2025-06"],
        imported_at=world.now, imported_by="样例",
    )  # fmt: skip


@rows("q5c-indicators", shared=PROVINCE)
def indicators(world: World, _org: OrgUnit, count: int) -> None:
    load(world)
    for _ in range(count):
        n = Indicator.objects.count()
        Indicator.objects.create(code=f"G{n:03d}", name=f"自定指标{n}", aspect="C1")


@rows("q5c-models", shared=PROVINCE)
def models(world: World, _org: OrgUnit, count: int) -> None:
    load(world)
    for _ in range(count):
        n = EvaluationModel.objects.count()
        EvaluationModel.objects.create(code=f"m{n}", name=f"模型{n}")


@rows("q5c-templates", shared=PROVINCE)
def templates(world: World, _org: OrgUnit, count: int) -> None:
    model = load(world)
    for _ in range(count):
        n = SchemeTemplate.objects.count()
        SchemeTemplate.objects.create(code=f"t{n}", name=f"模板{n}", model=model)


@rows("q5c-schemes", shared=PROVINCE)
def schemes(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_scheme(world, f"20{10 + Scheme.objects.count()}-01")


@rows("q5c-ratings")
def ratings(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_score(world, org)


@rows("q5c-figures")
def figure_rows(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_figure(world, org)


@rows("q5c-trials", shared="试算属于全省的编制人员")
def trials(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_trial(world)


@rows("q5c-batches", shared="批次属于全省的导入人员")
def batches(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_batch(world)


@sample("q5c-unit")
def score(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_score(world, org).pk}


OWN = "试跑属于发起人"


def make_try(world: World) -> Recount:
    version = make_version(world)
    return Recount.objects.create(
        kind="try", code="C101", period="2025-06", org=world.home, version=version, run="",
        author_id=world.reader.pk if world.reader else None, author_name="样例", asked_at=world.now,
        done_at=world.now, expires_at=world.now + timedelta(days=30),
        result={"lines": [[world.home.pk, 9, 10, 0.9, "trusted", [], None, None, None]], "findings": ["行数偏少"],
                "partitions": [["oblig", ["2025-06"]]], "num_records": {"columns": ["户名"], "rows": [["甲**"]],
                "total": 9, "aggregate": 9, "sql": "SELECT 1"}},
    )  # fmt: skip


@rows("q5c-tries", shared=OWN)
def tries(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_try(world)


@sample("q5c-try", shared=OWN, extra=["quality5c.drill"])
def one_try(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_try(world).pk}


@sample("q5c-figure", "q5c-explain")
def figure(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_figure(world, org).pk}


def make_rule(world: World) -> SignalRule:
    load(world)
    n = SignalRule.objects.count()
    return SignalRule.objects.create(
        name=f"规则{n}", code=f"R{n:03d}" if n else "C101", kind="threshold", side="below", limit=0.97, level="county",
        made_at=world.now, made_by="样例",
    )  # fmt: skip


def make_signal(world: World, org: OrgUnit, state: str = "open") -> Signal:
    return Signal.objects.create(
        rule=SignalRule.objects.first() or make_rule(world), code="C101", period="2025-06", org=below(org), value=0.95,
        before=0.96, rank=3, rank_before=2, words="95.00%，低于界限 97.00%", state=state, raised_at=world.now,
        due_on=world.now.date(), answer="已补报" if state == "answered" else "", answered_by="样例",
        answered_at=world.now,
    )  # fmt: skip


@rows("q5c-signals")
def signal_rows(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_signal(world, org)


@rows("q5c-signal-rules", shared=PROVINCE)
def signal_rules(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_rule(world)


@sample("q5c-signal", "q5c-signal-answer", extra=["quality5c.view"])
def signal(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_signal(world, org).pk}


@sample("q5c-signal-accept", "q5c-signal-return", extra=["quality5c.view"])
def answered(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_signal(world, org, "answered").pk}


@sample("q5c-signal-rule", "q5c-signal-rule-edit", "q5c-signal-rule-switch", shared=PROVINCE)
def signal_rule(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_rule(world).pk}


@sample("q5c-revision", extra=["quality5c.drill"])
def revision(world: World, org: OrgUnit) -> Mapping[str, Any]:
    load(world)
    made = FigureRevision.objects.create(
        code="C101", version=1, org=below(org), period="2025-06", old_num=97, old_den=100, old_value=0.97, new_num=96,
        new_den=100, new_value=0.96, at=world.now,
        causes=[{"load": 2, "batch": "late-7", "by": "高见", "at": world.now.isoformat(), "table": "oblig",
                 "months": ["2025-06"]}],
    )  # fmt: skip
    return {"pk": made.pk}


@sample("q5c-indicator", "q5c-indicator-edit", shared=PROVINCE)
def indicator(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    load(world)
    return {"pk": Indicator.objects.get(code="C101").pk}


@sample("q5c-indicator-submit", "q5c-try-new", shared=PROVINCE)
def draft(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_version(world).pk}


@sample("q5c-indicator-publish", "q5c-indicator-return", shared=PROVINCE)
def in_review(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_version(world, "review").pk}


@sample("q5c-indicator-retire", shared=PROVINCE)
def live(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    load(world)
    return {"pk": IndicatorVersion.objects.get(indicator__code="C101", number=1).pk}


@sample(
    "q5c-model", "q5c-model-edit", "q5c-model-ahp", "q5c-model-weights", "q5c-model-adopt", shared=PROVINCE
)
def model(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": load(world).pk}


@sample("q5c-model-submit", shared=PROVINCE)
def model_draft(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_model_version(world).pk}


@sample("q5c-model-publish", "q5c-model-return", shared=PROVINCE)
def model_review(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_model_version(world, "review").pk}


@sample("q5c-model-retire", shared=PROVINCE)
def model_live(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": load(world).versions.get(number=1).pk}


@sample("q5c-template-edit", shared=PROVINCE)
def template(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    load(world)
    return {"pk": SchemeTemplate.objects.get(code="county-month").pk}


@sample("q5c-scheme-evaluate", "q5c-scheme-publish", "q5c-scheme-send", shared=PROVINCE)
def scheme_act(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_scheme(world).pk}


@sample("q5c-trial", "q5c-trial-discard", shared="试算属于全省的编制人员")
def trial(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_trial(world).pk}


@sample("q5c-batch", "q5c-batch-roll-back", shared="批次属于全省的导入人员")
def batch(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_batch(world).pk}


def make_proposal(world: World, org: OrgUnit, state: str = "submitted", *, own: bool = False) -> Proposal:
    load(world)
    n = Proposal.objects.count() + 1
    text, code = proposing.outline("C101", "")
    return Proposal.objects.create(
        org=org, code=f"G{n:03d}", name="按期申报率（本地）", text=text, reason=f"本地需要（{code}）",
        copied_from="C101", state=state, author_id=world.reader.pk if own and world.reader else None,
        author_name="样例", made_at=world.now, submitted_at=world.now,
    )  # fmt: skip


@rows("q5c-proposals")
def proposals(world: World, org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_proposal(world, org)


@sample(
    "q5c-proposal",
    "q5c-proposal-adopt",
    "q5c-proposal-return",
    "q5c-proposal-reject",
    extra=["quality5c.view"],
)
def proposal(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_proposal(world, org).pk}


@sample("q5c-proposal-edit", "q5c-proposal-submit", "q5c-proposal-withdraw", extra=["quality5c.view"])
def own_proposal(world: World, org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_proposal(world, org, "returned", own=True).pk}


def make_timed(world: World) -> TimedRun:
    model, n = load(world), TimedRun.objects.count()
    template = SchemeTemplate.objects.create(code=f"timed{n}", name=f"定时{n}", model=model, timing="trial")
    return TimedRun.objects.create(
        template=template, period="2025-06", timing="trial", state="done", at=world.now,
        result={"hash": "0" * 64, "grades": {"C": 1}, "rows": [[world.home.code, 79.8, "C", 1, "2"]]},
    )  # fmt: skip


@rows("q5c-timed", shared=PROVINCE)
def timed(world: World, _org: OrgUnit, count: int) -> None:
    for _ in range(count):
        make_timed(world)


@sample("q5c-timed-run", shared=PROVINCE)
def timed_run(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_timed(world).pk}


@sample("q5c-timed-run-now", shared=PROVINCE)
def timed_template(world: World, _org: OrgUnit) -> Mapping[str, Any]:
    return {"pk": make_timed(world).template_id}
