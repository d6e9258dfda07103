"""`taxops token create | list | revoke`: API tokens (接口令牌) from the machine itself."""

from __future__ import annotations

import argparse
import json
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from taxops.engines.base import CHINA, BadInput, NotFound, Scope

if TYPE_CHECKING:
    from taxops.platform.identity.models import ApiToken

HELP = "接口令牌：创建、列出、作废"


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the three acts and their arguments."""
    acts = parser.add_subparsers(dest="act", required=True, metavar="create|list|revoke")
    create = acts.add_parser("create", help="创建令牌并打印一次；属于新建的服务账户")
    create.add_argument("--name", required=True, metavar="用途", help="例如「城区探测器」")
    create.add_argument(
        "--permission", required=True, action="append", metavar="权限", help="例如 probers.report；可多次给出"
    )
    create.add_argument("--org", required=True, metavar="机构代码", help="在该机构及其下级有效")
    create.add_argument(
        "--expires", default="90d", metavar="有效期", help="例如 30d、12h 或 2026-12-31；最长 365d"
    )
    create.add_argument("--json", action="store_true", help="以 JSON 输出")
    listing = acts.add_parser("list", help="列出令牌（不含令牌本身）")
    listing.add_argument("--all", action="store_true", help="连同已作废和已过期的")
    listing.add_argument("--json", action="store_true", help="以 JSON 输出")
    revoke = acts.add_parser("revoke", help="作废令牌")
    revoke.add_argument("prefix", metavar="前缀", help="list 中显示的前缀")
    revoke.add_argument("--json", action="store_true", help="以 JSON 输出")


def expiry(text: str, now: datetime) -> datetime:
    """Return when something expires: `30d` and `12h` from now, or the end of a day in China.

    Raises:
        BadInput: the text is none of these.
    """
    short = re.fullmatch(r"(\d{1,5})([dh])", text.strip())
    if short:
        amount = int(short[1])
        return now + (timedelta(days=amount) if short[2] == "d" else timedelta(hours=amount))
    try:
        day = datetime.strptime(text.strip(), "%Y-%m-%d").replace(tzinfo=CHINA)
    except ValueError as error:
        raise BadInput(f"「{text}」不是有效期。", "请按 30d、12h 或 2026-12-31 的样式填写。") from error
    return (day + timedelta(days=1)).astimezone(UTC)


def run(args: argparse.Namespace) -> int:
    """Do the act that was asked for."""
    from taxops.project.boot import django_ready

    django_ready()
    now = datetime.now(UTC)
    acts = {"create": _create, "list": _list, "revoke": _revoke}
    return acts[args.act](args, Scope.system("命令行", via="cli"), now)


def _create(args: argparse.Namespace, scope: Scope, now: datetime) -> int:
    from taxops.platform.identity import queries, services

    org = queries.find_org(args.org)
    if org is None:
        raise NotFound(f"没有代码为「{args.org}」的机构。", "请核对机构代码。")
    made, text = services.create_token(
        scope,
        now=now,
        name=args.name,
        permissions=args.permission,
        org=org,
        expires_at=expiry(args.expires, now),
    )
    if args.json:
        print(json.dumps({"token": text, **_facts(made, now)}, ensure_ascii=False))
    else:
        print(text)
        print(f"用途：{made.name}；范围：{org}；{_local(made.expires_at)} 到期。令牌只显示这一次。")
    return 0


def _list(args: argparse.Namespace, scope: Scope, now: datetime) -> int:
    from taxops.platform.identity import queries

    found = [_facts(token, now) for token in queries.list_tokens(scope)]
    shown = [facts for facts in found if args.all or facts["state"] == "valid"]
    if args.json:
        print(json.dumps(shown, ensure_ascii=False))
        return 0
    words = {"valid": "有效", "revoked": "已作废", "expired": "已过期"}
    for facts in shown:
        print(
            f"{facts['prefix']}  {words[str(facts['state'])]}  {facts['org']}  {facts['expires_at']}  {facts['name']}"
        )
    if not shown:
        print("没有令牌。")
    return 0


def _revoke(args: argparse.Namespace, scope: Scope, now: datetime) -> int:
    from taxops.platform.identity import queries, services

    found = queries.list_tokens(scope).filter(prefix=args.prefix).first()
    if found is None:
        raise NotFound(f"没有前缀为「{args.prefix[:20]}」的令牌。", "用 taxops token list 查看。")
    services.revoke_token(scope, found, now=now)
    print(json.dumps({"revoked": found.prefix}) if args.json else f"已作废：{found.name}。")
    return 0


def _local(instant: datetime) -> str:
    return instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _facts(token: ApiToken, now: datetime) -> dict[str, object]:
    state = "revoked" if token.revoked_at else "expired" if token.expires_at <= now else "valid"
    return {
        "prefix": token.prefix,
        "name": token.name,
        "org": token.org.code,
        "permissions": token.permissions,
        "expires_at": token.expires_at.isoformat(),
        "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
        "state": state,
    }
