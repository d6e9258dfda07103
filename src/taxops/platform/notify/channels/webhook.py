"""A webhook (Webhook): JSON posted to an address of the bureau's choice, signed with HMAC-SHA256.

Headers: `X-Taxops-Delivery` (the same for every attempt of one message), `X-Taxops-Timestamp`
(seconds) and `X-Taxops-Signature`: `sha256=` and the hex HMAC of `timestamp + "." + body`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from urllib.parse import urlsplit

from .base import Answer, Field, Kind, Message, Receiver
from .posting import Posted, check_url, judge, post


def signature(key: str, timestamp: str, body: bytes) -> str:
    """Return what the receiver compares with `X-Taxops-Signature` (签名)."""
    mac = hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={mac.hexdigest()}"


def _payload(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "severity": message.severity,
        "title": message.title,
        "body": message.body,
        "link": message.link,
        "at": message.at.isoformat(),
    }


def _send(receiver: Receiver, message: Message) -> Answer:
    values = receiver.values
    entries = [_payload(entry) for entry in message.entries or (message,)]
    body = json.dumps({**_payload(message), "notices": entries}, ensure_ascii=False).encode()
    headers = {"X-Taxops-Delivery": message.id}
    if values["signing_key"]:
        stamp = str(int(time.time()))
        headers |= {
            "X-Taxops-Timestamp": stamp,
            "X-Taxops-Signature": signature(values["signing_key"], stamp, body),
        }
    posted = post(
        values["url"], body, headers=headers, timeout=receiver.timeout, verify=values["verify"] == "yes"
    )
    failed = judge(posted)
    if failed is not None:
        return failed
    assert isinstance(posted, Posted)
    return Answer(is_ok=True, text=f"HTTP {posted.status} {posted.excerpt}".strip())


def _place(values: Mapping[str, str]) -> str:
    return urlsplit(values["url"]).netloc.rpartition("@")[2]


VERIFY = Field(
    "verify", "校验证书", default="yes", choices=(("yes", "校验"), ("no", "不校验（仅限内网自签证书）"))
)
WEBHOOK = Kind(
    code="webhook",
    label="Webhook",
    fields=(
        Field("url", "推送地址", help="以 http:// 或 https:// 开头。"),
        Field("signing_key", "签名密钥", secret=True, required=False, help="留空则不签名。"),
        VERIFY,
    ),
    is_personal=False,
    send=_send,
    check=lambda values: check_url(values["url"], field="url"),
    place=_place,
    per_minute=120,
)
