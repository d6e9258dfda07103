"""`taxops audit verify | export | seal`: the trail, checked and carried away (审计日志)."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from taxops.engines.base import CHINA, BadInput

if TYPE_CHECKING:
    from taxops.engines.ledger import Broken, Head

HELP = "审计日志：校验、导出、封签"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three acts and their arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="verify|export|seal")
    verify = acts.add_parser("verify", help="逐条校验，指出首个断链行；完整返回 0，断链返回 1")
    verify.add_argument("--json", action="store_true", help="以 JSON 输出")
    verify.add_argument(
        "--anchor",
        action="append",
        default=[],
        metavar="序号:摘要",
        help="另处留存的某条摘要，一并核对；可多次给出",
    )
    verify.add_argument("--key", default="", metavar="公钥", help="只承认这一公钥的封签（十六进制）")
    export = acts.add_parser("export", help="导出为 JSON Lines，每行一条，含摘要，可独立校验")
    export.add_argument("--out", default="-", metavar="文件", help="写到文件；默认写到标准输出")
    export.add_argument("--since", default="", metavar="时间", help="只导出该时间起发生的")
    export.add_argument("--until", default="", metavar="时间", help="只导出该时间前发生的")
    seal = acts.add_parser("seal", help="对当前链头签名，并打印出来以便另处留存")
    seal.add_argument("--json", action="store_true", help="以 JSON 输出")


def run(args: argparse.Namespace) -> int:
    """Do the act that was asked for."""
    from taxops.project.boot import django_ready

    django_ready()
    acts = {"verify": _verify, "export": _export, "seal": _seal}
    return acts[args.act](args)


def _anchors(texts: list[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    for text in texts:
        seq, colon, chain_hash = text.replace("：", ":").partition(":")
        if not colon or not seq.strip().isdecimal() or len(chain_hash.strip()) != 64:
            raise BadInput(f"留存摘要「{text}」无法识别。", "请按 序号:摘要 填写，摘要为 64 位十六进制。")
        found[int(seq)] = chain_hash.strip().lower()
    return found


def _key(text: str) -> bytes | None:
    if not text:
        return None
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != 64:
        raise BadInput("公钥无法识别。", "请填写封签上印出的公钥：128 位十六进制。")
    return key


def _verify(args: argparse.Namespace) -> int:
    from taxops.platform.audit import services

    broken = services.verify(
        None if args.json or not sys.stderr.isatty() else _show,
        anchors=_anchors(args.anchor),
        trusted=_key(args.key),
    )
    _say(broken, services.head(), as_json=args.json)
    return 0 if broken is None else 1


def _show(done: int, total: int) -> None:
    print(f"\r已校验 {done:,} / {total:,} 条", end="" if done < total else "\n", file=sys.stderr, flush=True)


def _say(broken: Broken | None, head: Head, *, as_json: bool) -> None:
    """Print the verdict, for a person or a machine."""
    if as_json:
        answer: dict[str, object] = {"ok": broken is None, "entries": head.seq, "head": head.hash}
        if broken is not None:
            answer |= {"row": broken.seq, "reason": broken.reason.value, "what": broken.what}
        print(json.dumps(answer, ensure_ascii=False))
    elif broken is None:
        print(f"审计日志完整：共 {head.seq:,} 条，链头摘要 {head.hash}。")
    else:
        print(f"审计日志断链：首个断链行是第 {broken.seq} 条（{broken.reason.label}）。")
        print(broken.what)
        print("请立即保全数据库现场，并通知安全负责人。")


def _export(args: argparse.Namespace) -> int:
    from taxops.engines.base import Scope, parse_instant
    from taxops.platform.audit import exports

    scope = Scope.system("命令行导出", via="cli")
    since = parse_instant(args.since) if args.since else None
    until = parse_instant(args.until) if args.until else None
    count = 0
    with ExitStack() as stack:
        out = sys.stdout
        if args.out != "-":
            out = stack.enter_context(_opened(Path(args.out)))
        for line in exports.lines(scope, since=since, until=until):
            out.write(line + "\n")
            count += 1
    exports.note_export(scope, count, now=datetime.now(UTC))
    print(f"已导出 {count:,} 条。", file=sys.stderr)
    return 0


def _opened(path: Path) -> TextIO:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise BadInput(f"文件 {path} 无法写入（{error.strerror}）。", "请换一个可写的位置。") from error


def _seal(args: argparse.Namespace) -> int:
    from taxops.platform.audit import sealing

    sealed = sealing.seal_now(datetime.now(UTC))
    if args.json:
        print(
            json.dumps(
                {
                    "sealed": sealed.is_new,
                    "seq": sealed.seq,
                    "hash": sealed.hash,
                    "public_key": sealed.public_key,
                }
            )
        )
        return 0
    if not sealed.seq:
        print("审计日志为空，没有可封签的内容。")
        return 0
    at = f"{sealed.at.astimezone(CHINA):%Y-%m-%d %H:%M}"
    print(f"{'已封签' if sealed.is_new else '此前已封签'}：第 {sealed.seq} 条，{at}")
    print(f"摘要 {sealed.hash}")
    print(f"公钥 {sealed.public_key}")
    print(f"请在别处留存；核对时执行：taxops audit verify --anchor {sealed.seq}:{sealed.hash}")
    return 0
