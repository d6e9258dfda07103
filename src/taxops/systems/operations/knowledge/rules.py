"""Decisions of knowledge: who may publish what, when a review is due, what goes into an edition. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from taxops.engines.base import CHINA, BadInput, Conflict, NotPermitted
from taxops.engines.documents import Document, Heading, Note, Paragraph, ReportTable, Signature
from taxops.engines.search import fold

from .words import Category, VersionState

REVIEW_DAYS = 180
REMIND_BEFORE = 14
_OPEN = {VersionState.DRAFT, VersionState.RETURNED}


def require_open(state: str) -> None:
    """Do nothing while a version may still be changed.

    Raises:
        Conflict: it waits for its review or is published.
    """
    if VersionState(state) not in _OPEN:
        raise Conflict(
            f"该版本{VersionState.label_of(state)}，不能修改。", "如需更正，请新建一个版本，审核后发布。"
        )


def require_reviewable(state: str, author_id: int | None, reviewer_id: int | None) -> None:
    """Do nothing when this person may decide on a version: it waits, and somebody else wrote it.

    Raises:
        Conflict: it does not wait for a review.
        NotPermitted: the author reviews.
    """
    if state != VersionState.SUBMITTED:
        raise Conflict(f"该版本{VersionState.label_of(state)}，不在待审核状态。", "请刷新后查看。")
    if reviewer_id is not None and reviewer_id == author_id:
        raise NotPermitted("不能审核自己编写的知识。", "请由另一位有审核权限的人员审核。")


def review_due(published_on: date, days: int = REVIEW_DAYS) -> date:
    """Return when a published article must be looked at again (复审日期)."""
    return published_on + timedelta(days=days)


def should_remind(due_on: date | None, reminded_on: date | None, today: date) -> bool:
    """Test whether the owner is reminded today: two weeks before, then each week until it is reviewed."""
    if due_on is None or today < due_on - timedelta(days=REMIND_BEFORE):
        return False
    return reminded_on is None or today - reminded_on >= timedelta(days=7)


def useful_boost(useful: int, useless: int) -> float:
    """Return how much readers' votes lift an article in the search: 0 to 1, nothing for few votes."""
    return round(max(0.0, (useful - useless) / (useful + useless + 4)), 3)


_QUARTER = re.compile(r"(20\d\d)Q([1-4])")


def quarter_span(quarter: str) -> tuple[datetime, datetime]:
    """Return begin and end of a quarter, such as `2026Q3`, in China time.

    Raises:
        BadInput: it is not a quarter.
    """
    found = _QUARTER.fullmatch(quarter)
    if found is None:
        raise BadInput(f"「{quarter[:20]}」不是季度。", "写作 2026Q3。", field="quarter")
    year, number = int(found[1]), int(found[2])
    begin = datetime(year, 3 * number - 2, 1, tzinfo=CHINA)
    end = datetime(year + (number == 4), 1 if number == 4 else 3 * number + 1, 1, tzinfo=CHINA)
    return begin, end


def quarter_of(at: datetime) -> str:
    """Return the quarter of an instant in China time.

    >>> from datetime import UTC
    >>> quarter_of(datetime(2026, 9, 30, 16, 0, tzinfo=UTC))
    '2026Q4'
    """
    local = at.astimezone(CHINA)
    return f"{local.year}Q{(local.month + 2) // 3}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as an edition counts it (提问)."""

    text: str
    channel: str = ""
    article_id: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A published article as an edition prints it (答案)."""

    id: int
    code: str
    title: str
    category: str
    body: str
    version: int


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that no article answers (待补知识) and how often it came."""

    text: str
    n: int


@dataclass(frozen=True, slots=True)
class Composition:
    """What an edition says (手册内容): plain values, so that it can be frozen."""

    quarter: str
    n_asked: int
    n_answered: int
    entries: Sequence[Mapping[str, object]] = ()
    unanswered: Sequence[Mapping[str, object]] = ()
    channels: Mapping[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {
            "quarter": self.quarter,
            "n_asked": self.n_asked,
            "n_answered": self.n_answered,
            "entries": [dict(e) for e in self.entries],
            "unanswered": [dict(u) for u in self.unanswered],
            "channels": dict(self.channels),
        }


def compose(
    quarter: str, asked: Iterable[Asked], answers: Mapping[int, Answer], most: int = 100
) -> Composition:
    """Return the edition of a quarter: the articles by how often they answered, and what nothing answers.

    Args:
        asked: every question of the quarter.
        answers: published articles by id; a question whose article is not published counts as unanswered.
        most: at most this many entries.
    """
    counts: dict[int, int] = {}
    samples: dict[int, dict[str, int]] = {}
    open_texts: dict[str, list[str]] = {}
    channels: dict[str, int] = {}
    n_asked = 0
    for question in asked:
        n_asked += 1
        channels[question.channel] = channels.get(question.channel, 0) + 1
        if question.article_id is not None and question.article_id in answers:
            counts[question.article_id] = counts.get(question.article_id, 0) + 1
            texts = samples.setdefault(question.article_id, {})
            texts[question.text] = texts.get(question.text, 0) + 1
        else:
            open_texts.setdefault(_same(question.text), []).append(question.text)
    ordered = sorted(counts, key=lambda pk: (-counts[pk], answers[pk].code))[:most]
    entries = [
        {
            "code": answers[pk].code,
            "title": answers[pk].title,
            "category": answers[pk].category,
            "version": answers[pk].version,
            "body": answers[pk].body,
            "n": counts[pk],
            "asked": [
                text for text, _ in sorted(samples[pk].items(), key=lambda item: (-item[1], item[0]))[:3]
            ],
        }
        for pk in ordered
    ]
    left = sorted(open_texts.values(), key=lambda texts: (-len(texts), texts[0]))[:most]
    return Composition(
        quarter,
        n_asked,
        sum(counts.values()),
        entries,
        [{"text": texts[0], "n": len(texts)} for texts in left],
        dict(sorted(channels.items())),
    )


def _same(text: str) -> str:
    """Return what two askings of one question share: no spaces, no punctuation, one form."""
    return "".join(c for c in fold(text) if c.isalnum())


def document_of(
    content: Mapping[str, object],
    *,
    org: str,
    made_at: datetime,
    channel_labels: Mapping[str, str],
    signatures: Sequence[Signature] = (),
) -> Document:
    """Return the edition as a paper: how it was counted, then each question with its answer by category."""
    entries: list[Mapping[str, object]] = list(content["entries"])  # type: ignore[call-overload]  # frozen JSON
    unanswered: list[Mapping[str, object]] = list(content["unanswered"])  # type: ignore[call-overload]
    channels: Mapping[str, int] = content["channels"]  # type: ignore[assignment]
    quarter = str(content["quarter"])
    by_channel = (
        "、".join(f"{channel_labels.get(c, c or '其他')} {n} 次" for c, n in channels.items()) or "无"
    )
    blocks: list[Heading | Paragraph | Note | ReportTable] = [
        Heading("本季提问概况"),
        Paragraph(
            f"本季度共登记提问 {content['n_asked']} 次，其中 {content['n_answered']} 次由已发布的知识条目答复，"
            f"涉及 {len(entries)} 个条目。按渠道：{by_channel}。"
        ),
        ReportTable(
            header=["序号", "编号", "问题", "提问次数"],
            rows=[[str(n), str(e["code"]), str(e["title"]), str(e["n"])] for n, e in enumerate(entries, 1)],
            widths=[1, 2, 7, 1.6],
            aligns=["center", "left", "left", "right"],
            caption="本季常见问题",
            empty="本季没有由知识条目答复的提问",
        ),
    ]
    for category in Category:
        chosen = [e for e in entries if e["category"] == category.value]
        if not chosen:
            continue
        blocks.append(Heading(category.label))
        for entry in chosen:
            blocks.append(Heading(str(entry["title"]), level=2))
            asked: Sequence[object] = entry["asked"]  # type: ignore[assignment]
            blocks.append(Note(f"提问 {entry['n']} 次，例如：" + "；".join(f"「{text}」" for text in asked)))
            blocks += [Paragraph(line.strip()) for line in str(entry["body"]).splitlines() if line.strip()]
            blocks.append(Note(f"知识条目 {entry['code']}，第 {entry['version']} 版"))
    blocks.append(Heading("尚无知识条目的提问"))
    blocks.append(
        ReportTable(
            header=["问题", "次数"],
            rows=[[str(u["text"]), str(u["n"])] for u in unanswered],
            widths=[8, 1],
            aligns=["left", "right"],
            caption="待补充的知识",
        )
    )
    return Document(
        title="常见问题处理手册",
        org=org,
        dated=made_at.astimezone(CHINA).date(),
        made_at=made_at,
        meta=[("季度", f"{quarter[:4]} 年第 {quarter[-1]} 季度"), ("提问次数", str(content["n_asked"]))],
        blocks=blocks,
        signatures=signatures,
        footer=f"{quarter[:4]} 年第 {quarter[-1]} 季度",
    )
