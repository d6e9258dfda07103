"""Kind `redis_sentinel` (哨兵): masters, quorum, who is down subjectively and objectively, do sentinels agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.wire import Attempt, Failed

from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .json_reading import named, number
from .resp import LOGIN_PARAMS, Login, Refusal, converse, login_of, pairs, places, refused
from .together import together

_MOST_MASTERS = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """Which sentinels are asked for which masters (哨兵检查计划)."""

    sentinels: tuple[tuple[str, int], ...]
    login: Login
    masters: tuple[str, ...]
    share_s: float


@dataclass(slots=True)
class Seen:
    """What one sentinel says of one master (哨兵所见)."""

    address: str
    flags: frozenset[str]
    quorum: int
    sentinels: int
    replicas: int
    replicas_down: int
    usable: bool
    words: str


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: an address cannot be used.
    """
    masters = tuple(wanted.params["masters"])
    if len(masters) > _MOST_MASTERS:
        raise BadInput(f"主节点最多 {_MOST_MASTERS} 个。", field="masters")
    return Plan(places(wanted.target, 26379), login_of(wanted.params), masters, wanted.timeout_s * 0.8)


async def _ask(login: Login, place: tuple[str, int], child: Attempt) -> dict[str, Seen]:
    talk = await converse(child, place, login)
    found: dict[str, Seen] = {}
    try:
        masters = await talk.ask("SENTINEL", "MASTERS")
        if not isinstance(masters, list):
            raise Failed("SENTINEL MASTERS 的应答无法识别。")
        for item in masters[:_MOST_MASTERS]:
            one = pairs(item)
            name = one.get("name", "")
            if not name:
                raise Failed("SENTINEL MASTERS 的应答无法识别。")
            replicas = await talk.ask("SENTINEL", "REPLICAS", name)
            down = sum(1 for r in replicas or [] if _down(pairs(r).get("flags", "")))
            try:
                words, usable = str(await talk.ask("SENTINEL", "CKQUORUM", name)), True
            except Refusal as refusal:  # NOQUORUM, NOGOODSLAVE: an answer, not a failure
                words, usable = refusal.text, False
            found[name] = Seen(
                address=f"{one.get('ip', '')}:{one.get('port', '')}",
                flags=frozenset(one.get("flags", "").split(",")),
                quorum=int(number(one.get("quorum"))),
                sentinels=int(number(one.get("num-other-sentinels"))) + 1,
                replicas=int(number(one.get("num-slaves"))),
                replicas_down=down,
                usable=usable,
                words=words,
            )
    except Refusal as refusal:
        if refusal.text.startswith("ERR unknown command"):
            raise Failed("对方不是哨兵，不认识 SENTINEL 命令。") from refusal
        raise refused(refusal) from refusal
    finally:
        talk.close()
    return found


def _down(flags: str) -> bool:
    return bool({"s_down", "o_down", "disconnected"} & set(flags.split(",")))


def sentinel_facts(
    plan_masters: tuple[str, ...], views: dict[str, dict[str, Seen]], silent: dict[str, str]
) -> dict[str, Any]:
    """Return what conditions may speak of, from what each sentinel says."""
    names = plan_masters or tuple(sorted({name for view in views.values() for name in view}))
    missing = [name for name in names if not any(name in view for view in views.values())]
    seen = {name: [view[name] for view in views.values() if name in view] for name in names}
    disagree = [name for name, list_ in seen.items() if len({s.address for s in list_}) > 1]
    everything = [one for list_ in seen.values() for one in list_]
    return {
        "masters": len(names),
        "missing": missing,
        "missing_n": len(missing),
        "odown": [name for name, list_ in seen.items() if any("o_down" in s.flags for s in list_)],
        "sdown": [name for name, list_ in seen.items() if any("s_down" in s.flags for s in list_)],
        "failing_over": [
            name for name, list_ in seen.items() if any("failover_in_progress" in s.flags for s in list_)
        ],
        "no_quorum": [name for name, list_ in seen.items() if any(not s.usable for s in list_)],
        "disagree": disagree,
        "sentinels": len(views) + len(silent),
        "sentinels_up": len(views),
        "sentinels_known": max((s.sentinels for s in everything), default=0),
        "least_replicas": min(
            (max(s.replicas - s.replicas_down for s in list_) for list_ in seen.values() if list_), default=0
        ),
        "replicas_down": sum(max(s.replicas_down for s in list_) for list_ in seen.values() if list_),
        "master": {name: list_[0].address for name, list_ in seen.items() if list_},
    }


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Ask all sentinels at once and return the one picture.

    Raises:
        Failed: none answered.
    """
    attempt.doing = "wait"
    jobs = [partial(_ask, plan.login, place) for place in plan.sentinels]
    answers = await together(attempt, jobs, timeout_s=plan.share_s)
    views, silent = {}, {}
    for (host, port), answer in zip(plan.sentinels, answers, strict=True):
        if isinstance(answer, Failed):
            silent[f"{host}:{port}"] = answer.message
        else:
            views[f"{host}:{port}"] = answer
    if not views:
        raise next(answer for answer in answers if isinstance(answer, Failed))
    facts = sentinel_facts(plan.masters, views, silent)
    known: dict[str, str] = attempt.memory.get("sentinel_masters", {})
    facts["moved"] = [n for n, address in facts["master"].items() if known.get(n, address) != address]
    attempt.memory["sentinel_masters"] = dict(facts["master"])
    facts |= {f"{name}_n": len(facts[name]) for name in ("odown", "sdown", "no_quorum", "disagree", "moved")}
    facts["duration_ms"] = attempt.elapsed_ms
    kept = ("masters", "odown_n", "sdown_n", "sentinels_up", "least_replicas", "replicas_down")
    return Finding(
        facts,
        _sentence(facts, silent),
        {name: float(facts[name]) for name in kept},
        "",
        lambda: {
            "views": {
                sentinel: {
                    name: {
                        "master": s.address,
                        "flags": sorted(s.flags),
                        "quorum": s.quorum,
                        "check": s.words,
                    }
                    for name, s in view.items()
                }
                for sentinel, view in views.items()
            },
            "unreachable": silent,
        },
    )


def _sentence(facts: dict[str, Any], silent: dict[str, str]) -> str:
    masters = "、".join(f"{name} 的主节点是 {address}" for name, address in list(facts["master"].items())[:3])
    parts = [masters or "没有监视任何主节点", f"哨兵 {facts['sentinels_up']}/{facts['sentinels']} 应答"]
    for name, words in (
        ("missing", "没有监视"),
        ("odown", "客观下线（ODOWN）"),
        ("sdown", "主观下线（SDOWN）"),
        ("no_quorum", "达不到法定票数或不能切换"),
        ("disagree", "各哨兵所指的主节点不同"),
        ("moved", "主节点已切换"),
    ):
        if facts[name]:
            parts.append(f"{words}：{named(facts[name])}")
    if silent:
        parts.append(f"连不上的哨兵：{named(silent)}")
    return "；".join(parts)


KIND = Kind(
    name="redis_sentinel",
    title="内存数据库哨兵",
    help="询问每个哨兵：主节点是否在线（SDOWN、ODOWN）、票数够不够切换、从节点是否在线、各哨兵所见是否一致。",
    target_label="哨兵",
    target_help="各哨兵的地址，用逗号分隔，例如 10.1.2.3:26379, 10.1.2.4:26379；不写端口时为 26379。",
    params=(
        *LOGIN_PARAMS,
        Param(
            "masters", "主节点名称", ParamType.LIST, (), help="应被监视的名称，例如 mymaster；留空为全部。"
        ),
    ),
    facts=(
        Fact("masters", "监视的主节点数", "个"),
        Fact("master", "各主节点的地址，例如 master.mymaster"),
        Fact("missing", "没有任何哨兵监视的主节点"),
        Fact("missing_n", "没有任何哨兵监视的主节点数", "个"),
        Fact("odown", "客观下线的主节点"),
        Fact("odown_n", "客观下线的主节点数", "个"),
        Fact("sdown", "主观下线的主节点"),
        Fact("sdown_n", "主观下线的主节点数", "个"),
        Fact("failing_over", "正在切换的主节点"),
        Fact("no_quorum", "票数不够或不能切换的主节点"),
        Fact("no_quorum_n", "票数不够或不能切换的主节点数", "个"),
        Fact("disagree", "各哨兵所指地址不同的主节点"),
        Fact("disagree_n", "各哨兵所指地址不同的主节点数", "个"),
        Fact("moved", "与上次检查相比地址变了的主节点"),
        Fact("moved_n", "与上次检查相比地址变了的主节点数", "个"),
        Fact("sentinels", "检查的哨兵数", "个"),
        Fact("sentinels_up", "应答的哨兵数", "个"),
        Fact("sentinels_known", "哨兵互相知道的个数", "个"),
        Fact("least_replicas", "在线从节点最少的主节点有几个从节点", "个"),
        Fact("replicas_down", "不在线的从节点数", "个"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("masters > 0 and missing_n == 0", "odown_n == 0 and sdown_n == 0", "no_quorum_n == 0"),
    warnings=(
        "sentinels_up == sentinels",
        "disagree_n == 0",
        "least_replicas >= 1 and replicas_down == 0",
        "moved_n == 0",
    ),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
    verified_against="Redis 7.0 哨兵（3 哨兵、1 主 2 从）",
)
