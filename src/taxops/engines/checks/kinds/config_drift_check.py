"""Kind `config_drift` (配置核对): a file, a JSON answer or rows, normalised and held against what was approved."""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from taxops.engines.base import BadInput
from taxops.engines.checks.conditions.patterns import Pattern, Refused
from taxops.engines.checks.wire import Attempt, Failed, fetch

from .blocking_fetch import on_wire
from .database_asking import ask_rows
from .declaration import Fact, Finding, Kind, Param, ParamType, SideAttempt, Wanted, Where
from .folder_listing import Place, content, listing, place_of
from .http_check import HEADER_PARAM, TLS_PARAMS
from .json_reading import Service, json_of, service_of
from .oslog_check import decode
from .sql_guard import guard_select
from .ssh import SSH_PARAMS

_MOST_BYTES = 1 << 20
_MOST_LINES = 20_000
_SHOWN = 200
_HASH = re.compile(r"[0-9a-f]{64}")
# a name that says secret, then what stands behind it up to the end or to the next field
_SECRET = re.compile(
    r"(?i)([\w.\-]*(?:passw(?:or)?d|passwd|pwd|secret|token|private[_-]?key|access[_-]?key|api[_-]?key|credential"
    r"|community|口令|密码|密钥)[\w.\-]*[\"']?\s*(?:=>|[:=：>]|\s)\s*)(\"[^\"]*\"|'[^']*'|[^\s,;}\]<]+)"
)
_URL_SECRET = re.compile(r"(://[^/\s:@]*:)[^@/\s]+(@)")
_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is read, how it is normalised, what was approved (配置核对计划)."""

    mode: str
    place: Place | None
    service: Service | None
    path: str
    target: str
    sql: str
    account: dict[str, Any]
    approved: tuple[str, ...]
    digest: str
    ignore: Pattern | None
    comments: tuple[str, ...]
    ordered: bool
    encoding: str
    timeout_s: float


def prepare(wanted: Wanted) -> Plan:
    """Return the plan of a check.

    Raises:
        BadInput: the address or a parameter cannot be used.
    """
    params, target = wanted.params, wanted.target
    place, service, path, mode, sql = None, None, "", "sql", ""
    if target.startswith("/"):
        mode, place = "file", place_of(target, params)
    elif target.startswith(("http://", "https://")):
        mode, service = "http", service_of("接口", target, params)
        path = "?" + target.split("?", 1)[1] if "?" in target else ""
    elif "://" in target and "@" not in target:
        sql = guard_select(params["sql"] or "")
    else:
        raise BadInput("检查对象应是绝对路径、网址或数据库地址（不带账号口令）。", field="target")
    ignore = None
    if params["ignore"]:
        try:
            ignore = Pattern(params["ignore"])
        except Refused as error:
            raise BadInput(f"「忽略的行」{error}", field="ignore") from error
    approved, digest = (params["approved"] or ""), (params["digest"] or "").strip().lower()
    if digest and not _HASH.fullmatch(digest):
        raise BadInput("「批准的散列」应是 64 位十六进制数。", "请从试运行的结果中复制。", field="digest")
    account = {"username": params["username"], "password": params["password"]}
    plan = Plan(mode, place, service, path, target, sql, account, (), digest, ignore,
                tuple(params["comments"]), params["ordered"], params["encoding"], wanted.timeout_s)  # fmt: skip
    return Plan(**{**_as_dict(plan), "approved": tuple(normalised(approved, plan))})


def _as_dict(plan: Plan) -> dict[str, Any]:
    return {name: getattr(plan, name) for name in Plan.__slots__}


def masked(text: str) -> str:
    """Return a text without the values of secrets; that one changed is therefore not seen.

    >>> masked('db.password = hunter2'), masked('jdbc://tax:pw@db/x'), masked('{"token": "abc", "n": 1}')
    ('db.password = ******', 'jdbc://tax:******@db/x', '{"token": ******, "n": 1}')
    """
    text = _PEM.sub("（私钥）", text)
    return _URL_SECRET.sub(r"\1******\2", _SECRET.sub(r"\1******", text))


def normalised(text: str, plan: Plan) -> list[str]:
    """Return the lines that count: masked, without blanks, comments and what is to be ignored.

    Raises:
        Failed: there are too many.
    """
    lines = []
    for line in masked(text).splitlines():
        bare = line.rstrip()
        if not bare or (plan.comments and bare.lstrip().startswith(plan.comments)):
            continue
        if plan.ignore is not None and plan.ignore.search(bare):
            continue
        lines.append(bare)
    if len(lines) > _MOST_LINES:
        raise Failed(f"配置超过 {_MOST_LINES} 行，不能核对。")
    return lines if plan.ordered else sorted(lines)


def digest_of(lines: list[str] | tuple[str, ...]) -> str:
    """Return the SHA-256 of normalised lines (散列)."""
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def _read_file(attempt: SideAttempt, plan: Plan) -> str:
    assert plan.place is not None
    async with AsyncExitStack() as stack:
        found, connection = await listing(attempt, plan.place, stack)
        if not found.files:
            raise Failed(f"配置文件 {plan.place.path} 不存在。")
        texts = []
        for one in sorted(found.files, key=lambda seen: seen.name)[:100]:
            data, cut = await content(attempt, plan.place, one.name, connection, _MOST_BYTES)
            if cut:
                raise Failed(f"配置文件 {one.name} 超过 {_MOST_BYTES // 1024} KiB，不能核对。")
            head = f"==> {one.name}\n" if len(found.files) > 1 else ""
            texts.append(head + decode(data, plan.encoding))
    return "\n".join(texts)


async def _read_http(attempt: SideAttempt, plan: Plan) -> str:
    service = plan.service
    assert service is not None

    async def job(child: Attempt) -> Any:
        return json_of(service.name, await fetch(child, service.request(plan.path), service.tls, follow=2))

    value = await on_wire(attempt, job, plan.timeout_s * 0.95)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1)


async def _read_rows(attempt: SideAttempt, plan: Plan) -> str:
    rows = await ask_rows(
        attempt, plan.target, plan.sql, plan.account, timeout_s=plan.timeout_s, most_rows=_MOST_LINES
    )
    return "\n".join("，".join(f"{name}={value}" for name, value in row.items()) for row in rows)


async def run(attempt: SideAttempt, plan: Plan) -> Finding:
    """Read what is in force and compare it with what was approved.

    Raises:
        Failed: it cannot be read.
    """
    attempt.doing = "读取配置"
    read = {"file": _read_file, "http": _read_http, "sql": _read_rows}[plan.mode]
    lines = normalised(await read(attempt, plan), plan)
    digest = digest_of(lines)
    changes: list[str] = []
    if plan.approved:
        changes = [
            line
            for line in difflib.unified_diff(plan.approved, lines, "批准", "现在", lineterm="", n=1)
            if not line.startswith(("---", "+++"))
        ]
        same = list(plan.approved) == lines
    else:
        same = digest == plan.digest
    added = sum(1 for line in changes if line.startswith("+"))
    removed = sum(1 for line in changes if line.startswith("-"))
    facts: dict[str, Any] = {
        "approved": bool(plan.approved or plan.digest),
        "same": same,
        "added": added,
        "removed": removed,
        "changed": added + removed,
        "lines": len(lines),
        "digest": digest,
        "duration_ms": (attempt.clock() - attempt.began) * 1000,
    }
    if not facts["approved"]:
        shown = f"还没有批准的内容；现有 {len(lines)} 行，散列 {digest[:12]}…，核实后请填入「批准的内容」"
    elif same:
        shown = f"与批准的一致，{len(lines)} 行"
    elif plan.approved:
        first = next((line for line in changes if line[:1] in "+-"), "")
        shown = f"与批准的不一致：多 {added} 行、少 {removed} 行，第一处：{first[:100]}"
    else:
        shown = f"与批准的散列不一致，现在为 {digest[:12]}…"

    def evidence() -> dict[str, Any]:
        found: dict[str, Any] = {"digest": digest, "diff": changes[:_SHOWN]}
        if not facts["approved"]:
            found["snapshot"] = "\n".join(lines[:2000])
        return found

    return Finding(
        facts, shown, {"changed": float(added + removed), "lines": float(len(lines))}, "", evidence
    )


KIND = Kind(
    name="config_drift",
    title="配置核对",
    help="读取配置文件、JSON 接口或查询结果，去掉空行、注释与口令后，与批准的内容逐行比较；不一致的行就是证据。"
    "口令一类的值一律遮盖，所以口令本身的变化看不出来。",
    target_label="配置来源",
    target_help="文件 /etc/nginx/nginx.conf；接口 http://10.1.2.3:8080/config；数据库 postgresql://10.1.2.3/tax。",
    params=(
        Param("approved", "批准的内容", ParamType.LINES, help="核实过的全文；试运行一次可得到现在的内容。"),
        Param("digest", "批准的散列", help="内容太长时只填散列；这样只知道变没变，不知道变在哪里。"),
        Param("ignore", "忽略的行", help="正则表达式，例如 ^# generated at。"),
        Param("comments", "注释开头", ParamType.LIST, ("#", "//", ";", "--"), help="以这些开头的行不比较。"),
        Param("ordered", "行的次序有意义", ParamType.BOOLEAN, True, help="不勾选时先排序再比较。"),
        Param(
            "encoding",
            "编码",
            ParamType.CHOICE,
            "auto",
            choices=(
                ("auto", "自动"),
                ("utf-8", "UTF-8"),
                ("gb18030", "GBK / GB 18030"),
                ("latin-1", "Latin-1"),
            ),
        ),
        Param("sql", "SQL", ParamType.LINES, help="来源是数据库时填写；只能是一条 SELECT，请写 ORDER BY。"),
        Param("host", "远程主机", help="来源是文件时，填写后经 SSH 读取，例如 10.1.2.3:22。"),
        *SSH_PARAMS,
        HEADER_PARAM,
        *TLS_PARAMS,
    ),
    facts=(
        Fact("same", "是否与批准的一致"),
        Fact("approved", "是否已有批准的内容或散列"),
        Fact("changed", "不一致的行数", "行"),
        Fact("added", "多出的行数", "行"),
        Fact("removed", "缺少的行数", "行"),
        Fact("lines", "参与比较的行数", "行"),
        Fact("digest", "现在的散列"),
        Fact("duration_ms", "总耗时", "毫秒"),
    ),
    conditions=("same or not approved",),
    warnings=("approved",),
    where=Where.SIDE,
    prepare=prepare,
    side_run=run,
    verified_against="Debian 12 本机文件、SQLite 3.40、进程内 SSH 服务",
)
