"""Kind `flow` (业务流程): several requests one after the other, with shared variables and cookies.

It runs in the event loop as `http` does: the steps are the same exchanges, so no second client is needed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urljoin

from taxops.engines.base import BadInput
from taxops.engines.checks.model import Verdict
from taxops.engines.checks.wire import Attempt, Exchange, Failed, Request, Tls, Url, fetch, parse_url

from .cookies import Jar
from .declaration import Fact, Finding, Kind, Param, ParamType, Wanted
from .flow_steps import Step, body_of, fill, fill_url, read_steps
from .http_check import AUTH_PARAMS, HEADER_PARAM, TLS_PARAMS, auth_headers, parsed_body, tls_of


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps with what they share (流程计划)."""

    base: str
    steps: tuple[Step, ...]
    headers: tuple[tuple[str, str], ...]
    tls: Tls
    variables: dict[str, str]
    secrets: frozenset[str]


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: a step cannot be carried out.
    """
    params = wanted.params
    base = str(parse_url(wanted.target))
    secrets = dict(params["secrets"])
    variables = {**params["variables"], **secrets}
    steps = read_steps(params["steps"], base, frozenset(variables))
    return Plan(
        base, steps, tuple(auth_headers(params)), tls_of(params), variables, frozenset(secrets.values())
    )


@dataclass(slots=True)
class _Course:
    """What a running flow has gathered (流程进展)."""

    variables: dict[str, str]
    jar: Jar = field(default_factory=Jar)
    taken: set[str] = field(default_factory=set)  # values captured on the way: tokens, sessions; never shown
    trace: list[dict[str, Any]] = field(default_factory=list)
    last: Exchange | None = None
    last_body: Any = None


def _request(plan: Plan, step: Step, course: _Course) -> Request:
    try:
        url = parse_url(urljoin(plan.base, fill_url(step.url, course.variables)))
    except (BadInput, ValueError) as error:
        raise Failed(f"网址无效：{error}", Verdict.CRITICAL) from error
    own = {name.lower() for name, _ in step.headers}
    same = url.origin == parse_url(plan.base).origin
    headers = [h for h in plan.headers if same and h[0].lower() not in own]
    for name, value in step.headers:
        text = str(fill(value, course.variables))
        if any(c in text for c in "\r\n\0"):
            raise Failed(f"请求头「{name}」的值中有换行，不能发送。")
        headers.append((name, text))
    body, content_type = body_of(step, course.variables)
    if content_type and "content-type" not in own:
        headers.append(("Content-Type", content_type))
    headers += _cookie_header(course.jar, url)
    return Request(step.method, url, tuple(headers), body).ready()


def _cookie_header(jar: Jar, url: Url) -> tuple[tuple[str, str], ...]:
    value = jar.header(url)
    return (("Cookie", value),) if value else ()


async def _run_step(attempt: Attempt, plan: Plan, step: Step, course: _Course) -> None:
    """Carry out one step.

    Raises:
        Failed: no answer, an assertion that does not hold, or a value that is not there.
    """
    began = attempt.elapsed_ms

    def keep(done: Exchange) -> None:
        cookies = done.answer.headers.get("set-cookie")
        if cookies:
            course.jar.store(done.request.url, cookies)

    done = await fetch(
        attempt,
        _request(plan, step, course),
        plan.tls,
        follow=step.follow,
        on_answer=keep,
        headers_for=lambda url: _cookie_header(course.jar, url),
    )
    took = attempt.elapsed_ms - began
    answer = done.answer
    course.last = done
    course.trace[-1] |= {
        "status": answer.status,
        "duration_ms": round(took, 2),
        **done.evidence(body_chars=300),
    }
    body = parsed_body(answer.text())
    course.last_body = body
    facts: dict[str, Any] = {
        "status": answer.status,
        "header": answer.headers,
        "text": answer.text(),
        "size": len(answer.body),
        "duration_ms": took,
        "url": str(done.request.url),
        "redirects": done.redirects,
        "vars": course.variables,
        "now_ms": attempt.wall_ms,
    }
    if body is not None:
        facts["body"] = body
    for condition in step.asserts:
        if not condition.holds(facts):
            raise Failed(condition.explain(facts))
    if step.keyword and step.keyword not in facts["text"]:
        raise Failed(f"HTTP {answer.status}，但正文中没有关键字「{step.keyword[:80]}」")
    for extract in step.extracts:
        value = extract.take(answer, body, course.jar.values())
        if value is None:
            raise Failed(f"应答中取不到变量 {extract.name}")
        course.variables[extract.name] = value
        course.taken |= {value, quote(value, safe=""), json.dumps(value)[1:-1]}


def _blot(value: Any, secrets: frozenset[str]) -> Any:
    """Return a trace without the values of secret variables, nor the beginning of one that an excerpt cut off."""
    if isinstance(value, str):
        for secret in sorted((s for s in secrets if len(s) > 2), key=len, reverse=True):
            value = value.replace(secret, "******")
            for length in range(min(len(secret) - 1, len(value)), 3, -1):
                if value.endswith(secret[:length]):
                    value = value[:-length] + "******"
                    break
        return value
    if isinstance(value, dict):
        return {k: _blot(v, secrets) for k, v in value.items()}
    if isinstance(value, list):
        return [_blot(item, secrets) for item in value]
    return value


async def run(attempt: Attempt, plan: Plan) -> Finding:
    """Carry out all steps; the first that fails ends the flow and names itself.

    Raises:
        DeadlineReached: the time is up (from the loop).
    """
    course = _Course(dict(plan.variables))
    problem = ""
    verdict_step = 0
    for index, step in enumerate(plan.steps, 1):
        course.trace.append({"step": index, "name": step.name})
        attempt.note("步骤", index=index, name=step.name)
        attempt.memory["flow_step"] = f"第 {index} 步「{step.name}」"
        began = attempt.elapsed_ms
        try:
            await _run_step(attempt, plan, step, course)
        except Failed as failure:
            problem = f"第 {index} 步「{step.name}」失败：{failure.message.rstrip('。')}。"
            course.trace[-1] |= {
                "problem": failure.message,
                "duration_ms": round(attempt.elapsed_ms - began, 2),
            }
            break
        verdict_step = index
        if step.pause_ms:
            await attempt.loop.sleep(step.pause_ms / 1000)
    attempt.memory.pop("flow_step", None)
    total = len(plan.steps)
    facts: dict[str, Any] = {
        "steps": total,
        "steps_done": verdict_step,
        "duration_ms": attempt.elapsed_ms,
        "vars": course.variables,
        "status": course.last.answer.status if course.last else 0,
    }
    if course.last_body is not None:
        facts["body"] = course.last_body
    metrics = {"steps_done": float(verdict_step)}
    for index, line in enumerate(course.trace, 1):
        if "duration_ms" in line:
            metrics[f"step_{index}_ms"] = float(line["duration_ms"])
    return Finding(
        facts,
        f"{total} 步全部完成，{facts['duration_ms']:.0f} 毫秒",
        metrics,
        _blot(problem, plan.secrets | course.taken),
        lambda: {"steps": _blot(course.trace, plan.secrets | course.taken)},
    )


KIND = Kind(
    name="flow",
    title="业务流程",
    stand_in="本机 HTTP 服务：登录、换取令牌、携带令牌查询",
    help="依次执行几步 HTTP 请求（例如登录后查询），共用变量与 Cookie，每步各自判断。",
    target_label="起始网址",
    target_help="各步中的相对地址以它为准，例如 https://etax.example.cn/。",
    params=(
        Param(
            "steps",
            "步骤",
            ParamType.JSON,
            required=True,
            help="JSON 列表；每步可写 name、method、url、headers、body|json|form、extract、assert、keyword、follow、"
            "pause_ms。变量写作 ${名称}。",
        ),
        Param("variables", "变量", ParamType.MAP, {}, help="各步可用的初始变量。"),
        Param(
            "secrets",
            "保密变量",
            ParamType.MAP,
            {},
            secret=True,
            help="同变量，但加密保存，不出现在过程记录中。",
        ),
        HEADER_PARAM,
        *AUTH_PARAMS,
        *TLS_PARAMS,
    ),
    facts=(
        Fact("steps", "总步数"),
        Fact("steps_done", "完成的步数"),
        Fact("status", "最后一步的 HTTP 状态码"),
        Fact("body", "最后一步正文的 JSON 内容"),
        Fact("vars", "取得的变量，例如 vars.token"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("steps_done == steps",),
    prepare=prepare,
    loop_run=run,
    keeps_metrics=True,
)
