"""Kind `prometheus` (指标查询): an instant query put to an existing Prometheus, judged by conditions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Failed, fetch

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .http_check import AUTH_PARAMS, HEADER_PARAM, TLS_PARAMS
from .json_reading import Service, as_object, json_of, named, number, parse_json, segment, service_of, text

NAME = "Prometheus"
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """Which query where (指标查询计划)."""

    service: Service
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One series and its value (样本)."""

    labels: dict[str, str]
    at: float
    value: float
    is_number: bool

    @property
    def name(self) -> str:
        """Labels as people read them."""
        inner = ",".join(f'{k}="{v}"' for k, v in self.labels.items() if k != "__name__")
        return f"{self.labels.get('__name__', '')}{{{inner}}}"[:200]


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    query = wanted.params["query"].strip()
    path = f"/api/v1/query?query={segment(query)}&timeout={max(1, int(wanted.timeout_s))}s"
    return Plan(service_of(NAME, wanted.target, wanted.params), path, query)


def samples(value: Any) -> list[Sample]:
    """Return the samples of an instant query's answer.

    Raises:
        Failed: the query was refused, or gives ranges or text.
    """
    root = as_object(NAME, value)
    if root.get("status") == "error":
        kind, words = text(root.get("errorType")), text(root.get("error"))
        if kind == "bad_data":
            raise Failed(f"查询语句有误：{words}。", Verdict.UNKNOWN)
        raise Failed(f"Prometheus 没有完成查询（{kind}）：{words}。")
    data = as_object(NAME, root.get("data"))
    sort, result = data.get("resultType"), data.get("result")
    if sort == "scalar":
        return [_sample({}, result)]
    if sort != "vector" or not isinstance(result, list):
        raise Failed("查询结果不是瞬时值；请去掉区间选择，例如改用 rate() 或 sum()。", Verdict.UNKNOWN)
    found = []
    for row in result[:_MOST]:
        labels = as_object(NAME, as_object(NAME, row).get("metric"))
        found.append(_sample({str(k): text(v) for k, v in labels.items()}, row.get("value")))
    return found


def _sample(labels: dict[str, str], pair: Any) -> Sample:
    if not isinstance(pair, list) or len(pair) != 2:
        raise Failed("Prometheus 返回的样本无法识别。")
    try:
        value = float(pair[1])
    except (TypeError, ValueError) as error:
        raise Failed("Prometheus 返回的样本无法识别。") from error
    finite = value == value and abs(value) != float("inf")
    return Sample(labels, number(pair[0]), value if finite else 0.0, finite)


def prometheus_facts(found: list[Sample], wall_ms: int) -> dict[str, Any]:
    """Return what conditions may speak of."""
    numbers = [one for one in found if one.is_number]
    facts: dict[str, Any] = {"count": len(found), "not_numbers": len(found) - len(numbers)}
    if numbers:
        values = [one.value for one in numbers]
        top = max(numbers, key=lambda one: one.value)
        facts |= {
            "value": values[0],
            "max": max(values),
            "min": min(values),
            "sum": sum(values),
            "average": sum(values) / len(values),
            "labels": top.labels,
            "top": top.name,
            "age_s": max(0.0, wall_ms / 1000 - min(one.at for one in numbers)),
        }
    return facts


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Put the query and return its values.

    Raises:
        Failed: no answer, a wrong query, or another sort of server.
    """
    done = await fetch(attempt, plan.service.request(plan.path), plan.service.tls, follow=2)
    # a refused query comes with 400, 422 or 503 and says why in the same JSON
    if done.answer.status in {400, 422, 503} and b'"errorType"' in done.answer.body:
        found = samples(parse_json(NAME, done.answer.body))
    else:
        found = samples(json_of(NAME, done))
    facts = prometheus_facts(found, attempt.wall_ms)
    facts["duration_ms"] = attempt.elapsed_ms
    if "value" not in facts:
        shown = "查询没有结果" if not found else "查询结果不是数（NaN）"
    elif len(found) == 1:
        shown = f"值为 {facts['value']:g}"
    else:
        shown = f"{len(found)} 个序列，最大 {facts['max']:g}（{facts['top']}），最小 {facts['min']:g}"
    kept = ("value", "max", "min", "count")
    return Finding(
        facts,
        shown,
        {name: float(facts[name]) for name in kept if name in facts},
        "",
        lambda: {
            "query": plan.query,
            "series": [{"labels": one.labels, "value": one.value} for one in found[:50]],
            "shown": named(one.name for one in found),
        },
    )


KIND = Kind(
    name="prometheus",
    title="Prometheus 查询",
    help="对已有的 Prometheus 执行一条即时查询，用条件判断结果；已有的监控不必重做。",
    target_label="Prometheus 网址",
    target_help="例如 http://10.1.2.3:9090。",
    params=(
        Param(
            "query",
            "查询语句",
            ParamType.LINES,
            required=True,
            most=4000,
            help='PromQL，例如 sum(rate(http_requests_total{status=~"5.."}[5m]))。',
        ),
        HEADER_PARAM,
        *AUTH_PARAMS,
        *TLS_PARAMS,
    ),
    facts=(
        Fact("value", "第一个序列的值（没有结果时没有这个值）"),
        Fact("max", "最大的值"),
        Fact("min", "最小的值"),
        Fact("sum", "各值之和"),
        Fact("average", "各值的平均"),
        Fact("count", "序列数", "个"),
        Fact("not_numbers", "不是数（NaN、Inf）的序列数", "个"),
        Fact("labels", "值最大的序列的标签，例如 labels.instance"),
        Fact("top", "值最大的序列"),
        Fact("age_s", "样本时间距今", "秒"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("exists(value)",),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="Prometheus 2.42",
)
