"""Reading pasted conversations, as 微信 and QQ really copy them; what an opening form must hold."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxops.engines.base import CHINA, BadInput
from taxops.systems.operations.desk.rules import opening, read_conversation, title_of

pytestmark = pytest.mark.same_everywhere
NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)  # 10:00 in China

WECHAT_PC = """王会计 2026-06-01 09:12:33
您好，在吗
王会计 2026-06-01 09:12:50
红字信息表传不上去，提示 E1024。麻烦看看
[图片]
林晓岩 2026-06-01 09:15:02
收到，我看一下
"""
WECHAT_PHONE = """王会计:
你好

王会计:
勾选平台登录不了，提示证书不可信

林晓岩:
请先换 64 位浏览器
"""
QQ = """李明(123456789) 2026/6/1 9:05:11
老师好
开票软件一直转圈，开不出票
林晓岩(88888) 2026/6/1 9:06:00
好的
"""
TIME_FIRST = """昨天 16:40 赵主任: 叫号机黑屏了，不出号
昨天 下午4:45 林晓岩: 马上派人
"""
NO_YEAR = """孙科 12-30 18:00
电子底账查不到发票
"""


@pytest.mark.parametrize(
    ("text", "requester", "asked", "title", "channel", "n"),
    [
        (WECHAT_PC, "王会计", (2026, 6, 1, 9, 12, 33), "红字信息表传不上去，提示 E1024", "wechat", 3),
        (WECHAT_PHONE, "王会计", None, "勾选平台登录不了，提示证书不可信", "wechat", 3),
        (QQ, "李明", (2026, 6, 1, 9, 5, 11), "开票软件一直转圈，开不出票", "qq", 2),
        (TIME_FIRST, "赵主任", (2026, 5, 31, 16, 40, 0), "叫号机黑屏了，不出号", "wechat", 2),
        (NO_YEAR, "孙科", (2025, 12, 30, 18, 0, 0), "电子底账查不到发票", "wechat", 1),
        ("只有一句话，没有名字，发票作废不了", "", None, "只有一句话，没有名字，发票作废不了", "wechat", 1),
    ],
)
def test_what_is_understood(
    text: str, requester: str, asked: tuple[int, ...] | None, title: str, channel: str, n: int
) -> None:
    read = read_conversation(text, now=NOW, staff={"林晓岩"})
    when = datetime(*asked, tzinfo=CHINA) if asked else None  # type: ignore[arg-type, misc]
    assert (read.requester, read.asked_at, read.title, read.channel) == (requester, when, title, channel)
    assert len(read.messages) == n


def test_our_own_people_are_nobody_who_asks() -> None:
    read = read_conversation(WECHAT_PC, now=NOW, staff={"王会计", "林晓岩"})
    assert read.requester == ""


@pytest.mark.parametrize("bad", ["", " \n ", "长" * 50_001])
def test_what_is_no_conversation(bad: str) -> None:
    with pytest.raises(BadInput):
        read_conversation(bad, now=NOW)


_LINES = [
    "张三 25:99",
    "张三:",
    "06-31 09:00 李四",
    "昨天 9:00 王五：在",
    "：",
    "http://x:80",
    "发票",
    "9:00",
]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(_LINES)))
def test_no_text_breaks_it_and_nothing_lies_in_the_future(lines: list[str]) -> None:
    if not "".join(lines).strip():
        return
    read = read_conversation("\n".join(lines), now=NOW)
    assert all(m.at is None or (m.at - NOW).total_seconds() <= 300 for m in read.messages)


def test_titles_say_something() -> None:
    assert title_of(["在吗", "[图片]", "好的"]) == ""
    assert title_of(["您好！请问老师，发票怎么作废？急"]) == "发票怎么作废"


FULL = {
    "title": "甲", "requester": "乙", "channel": "phone", "description": "丙", "contact": "1", "system": "dzdz",
}  # fmt: skip


def test_each_type_gets_its_form() -> None:
    assert opening({**FULL, "type_code": "request", "urgency": "high"})["level"] == "high"
    assert opening({**FULL, "type_code": "incident", "urgency": "high"})["level"] == "L2"
    assert opening({**FULL, "type_code": "field", "hall": "南关厅"})["kind"] == "fault"
    assert "system" not in opening({**FULL, "type_code": "complaint"})


@pytest.mark.parametrize(
    "wrong", [{"type_code": "zz"}, {"type_code": "field"}, {"type_code": "complaint", "contact": ""}]
)
def test_missing_values_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(BadInput):
        opening({**FULL, **wrong})
