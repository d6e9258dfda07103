"""Robots in groups of 企业微信 and 钉钉 (群机器人). Both take 20 messages a minute, and say so when there are more."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus, urlsplit

from .base import Answer, Field, Kind, Message, Receiver, shorten
from .posting import Posted, check_url, judge, post
from .webhook import VERIFY

_SHOWN = 30
_TOO_FAST = frozenset({45009, 130101, 660026})
_WRONG_FOR_GOOD = frozenset({93000, 300001, 310000, 400013, 400101, 400102})


def _plain(text: str) -> str:
    """Return text in which nothing is taken for markup of the robots."""
    return text.replace("<", "＜").replace("[", "［").replace("`", "'").replace("\r", "")


def markdown(message: Message) -> str:
    """Return a message as the robots' Markdown."""
    if len(message.entries) > 1:
        lines = [f"**{_plain(message.heading)}**"]
        shown = message.entries[:_SHOWN]
        lines += [f"- {_plain(entry.heading)}（{entry.when[5:16]}）" for entry in shown]
        if len(message.entries) > _SHOWN:
            lines.append(f"- 另有 {len(message.entries) - _SHOWN} 条，请登录平台查看")
    else:
        lines = [f"**{_plain(message.heading)}**"]
        lines += [f"> {_plain(line)}" for line in message.body.splitlines() if line.strip()]
        lines.append(f"> 时间：{message.when}")
    if message.link:
        lines.append(f"[查看详情]({message.link})")
    return "\n\n".join(lines)


def signed_url(url: str, key: str, millis: int) -> str:
    """Return a 钉钉 address with timestamp and signature (加签)."""
    text = f"{millis}\n{key}"
    mac = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    joint = "&" if "?" in url else "?"
    return f"{url}{joint}timestamp={millis}&sign={quote_plus(base64.b64encode(mac))}"


def _judged(posted: Posted | Answer) -> Answer:
    """Return what came of it: these robots say HTTP 200 and put the truth into `errcode`."""
    failed = judge(posted)
    if failed is not None:
        return failed
    assert isinstance(posted, Posted)
    found = posted.json()
    if found is None or not isinstance(found.get("errcode"), int):
        return Answer(is_ok=False, text=f"对方的应答不是机器人接口的应答：{posted.excerpt}")
    code = found["errcode"]
    if code == 0:
        return Answer(is_ok=True, text="errcode 0")
    text = f"errcode {code} {str(found.get('errmsg', ''))[:200]}"
    return Answer(
        is_ok=False,
        text=text,
        is_final=code in _WRONG_FOR_GOOD,
        retry_after=60.0 if code in _TOO_FAST else None,
    )


def _post(receiver: Receiver, url: str, payload: Mapping[str, Any]) -> Answer:
    verify = receiver.values["verify"] == "yes"
    return _judged(post(url, payload, headers={}, timeout=receiver.timeout, verify=verify))


def _send_wecom(receiver: Receiver, message: Message) -> Answer:
    content = shorten(markdown(message), 4096)
    return _post(receiver, receiver.values["url"], {"msgtype": "markdown", "markdown": {"content": content}})


def _send_dingtalk(receiver: Receiver, message: Message) -> Answer:
    url, key = receiver.values["url"], receiver.values["sign_key"]
    if key:
        url = signed_url(url, key, int(time.time() * 1000))
    text = shorten(markdown(message), 18_000)
    return _post(
        receiver, url, {"msgtype": "markdown", "markdown": {"title": message.heading[:80], "text": text}}
    )


def _place(values: Mapping[str, str]) -> str:
    return urlsplit(values["url"]).netloc.rpartition("@")[2]


def _check(values: Mapping[str, str]) -> None:
    check_url(values["url"], field="url")


_URL = Field("url", "机器人地址", secret=True, help="在群机器人设置中复制的完整 Webhook 地址。")
WECOM = Kind("wecom", "企业微信群机器人", (_URL, VERIFY), False, _send_wecom, _check, _place)
DINGTALK = Kind(
    "dingtalk",
    "钉钉群机器人",
    (
        _URL,
        Field("sign_key", "加签密钥", secret=True, required=False, help="以 SEC 开头；未启用加签可留空。"),
        VERIFY,
    ),
    False,
    _send_dingtalk,
    _check,
    _place,
)
