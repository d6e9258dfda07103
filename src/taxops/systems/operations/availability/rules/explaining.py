"""The arithmetic in words (测算说明): every outage, every cut, the sums, each rule with its verdict."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from taxops.engines.base import CHINA, Interval
from taxops.engines.checks import Availability
from taxops.systems.operations.availability.words import Verdict

from .reckoning import Reckoning, Rule
from .years import days_of


def verdicts(figures: Availability) -> tuple[Rule, Rule, Rule]:
    """Return the three rules with their figures and verdicts (三项规则)."""
    terms = figures.terms
    total_s, each_s = terms.total.total_seconds(), terms.each.total_seconds()
    worst_s = figures.worst.seconds if figures.worst else 0.0
    left = figures.budget_s
    words = f"尚余 {exact(left)}" if left >= 0 else f"超出 {exact(-left)}"
    return (
        Rule(
            "total",
            f"全年累计不超过 {exact(total_s)}",
            total_s,
            figures.downtime_s,
            _plain(figures.total_ok),
            f"累计 {exact(figures.downtime_s)}，{words}",
        ),
        Rule(
            "each",
            f"每次不超过 {exact(each_s)}",
            each_s,
            worst_s,
            _plain(figures.each_ok),
            f"最长一次 {exact(worst_s)}" if figures.worst else "没有计入的中断",
        ),
        _streak(figures),
    )


def _plain(ok: bool) -> Verdict:
    return Verdict.HOLDS if ok else Verdict.BROKEN


def _streak(figures: Availability) -> Rule:
    months = figures.terms.streak_months
    longest = f"最长连续 {exact(figures.longest.seconds)}"
    if figures.streak_reached:
        verdict, words = Verdict.HOLDS, f"已于 {_at(figures.streak_on)} 达到，{longest}"
    elif figures.streak_reachable and not figures.is_over:
        verdict = Verdict.POSSIBLE
        words = f"此后不再中断，将于 {_at(figures.streak_on)} 达到，{longest}"
    else:
        verdict = Verdict.BROKEN
        words = f"本服务年度{'未' if figures.is_over else '已不能'}达到，{longest}"
    return Rule("streak", f"连续 {months} 个月不中断", 0.0, figures.longest.seconds, verdict, words)


def explain(name: str, reckoning: Reckoning) -> list[str]:
    """Return the whole arithmetic as Chinese lines, for a terminal and for people who check by hand."""
    return list(_lines(name, reckoning))


def _lines(name: str, reckoning: Reckoning) -> Iterator[str]:
    figures, term = reckoning.figures, reckoning.term
    first, last = days_of(figures.year)
    yield f"{name}　{first} 至 {last}（截至 {_at(figures.as_of)}）"
    if term.is_agreed:
        number = f"（{term.number}）" if term.number else ""
        yield f"约定：{term.name}{number}，{term.signed_on} 签订；依据 {term.source}"
    else:
        yield "约定：尚未登记合同，暂按自然年和招标文件条款测算"
    yield ""
    yield f"一、中断（{len(reckoning.outages)} 次）"
    for place, one in enumerate(reckoning.outages, 1):
        line = f"  {place}. {_span(one.interval)}　{exact(one.interval.seconds)}"
        if one.taken_s:
            line += f"，剔除 {exact(one.taken_s)}，计 {exact(one.left_s)}"
            if len(one.pieces) > 1:
                line += f"，分为 {len(one.pieces)} 段：" + "、".join(exact(p.seconds) for p in one.pieces)
        if one.over:
            line += "　★超过每次上限"
        yield line + (f"　{one.outage.cause}" if one.outage.cause else "")
    if not reckoning.outages:
        yield "  无"
    yield f"二、剔除（{sum(1 for cut in reckoning.cuts if cut.taken)} 项）"
    for cut in reckoning.cuts:
        yield f"  {_cut(cut.cut.title, cut.cut.interval, cut.seconds)}；{_who(cut.cut)}"
    if not reckoning.cuts:
        yield "  无"
    for cut in reckoning.pending:
        yield f"  （待审批，未剔除）{_cut(cut.cut.title, cut.cut.interval, cut.seconds)}"
    yield "三、合计"
    raw_s = figures.downtime_s + reckoning.excluded_s
    yield (f"  中断 {exact(raw_s)} − 剔除 {exact(reckoning.excluded_s)} = 计入 {exact(figures.downtime_s)}")
    elapsed = Interval(figures.year.start, figures.as_of).seconds
    yield f"  可用率 = 1 − {figures.downtime_s:.0f} 秒 ÷ {elapsed:.0f} 秒 = {percent(figures.availability)}"
    if figures.coverage is not None:
        flag = "" if figures.coverage_ok else f"　★低于 {percent(figures.terms.coverage)}，数据不足"
        yield f"  监测覆盖率 {percent(figures.coverage)}（未监测时段按可用计）{flag}"
    yield "四、规则"
    for rule in verdicts(figures):
        yield f"  {rule.label}：{rule.verdict.label}（{rule.words}）"
    yield f"结论：{conclusion(figures)}"


def conclusion(figures: Availability) -> str:
    """Return the verdict on the year in a few words (结论)."""
    if not figures.holds:
        broken = [rule.label for rule in verdicts(figures) if rule.verdict is Verdict.BROKEN]
        return "不满足：" + "；".join(broken)
    return "三项规则均满足" if figures.is_over or figures.streak_reached else "目前满足，连续运行规则尚可达到"


def exact(seconds: float) -> str:
    """Return a length in words that hides nothing: one second over two hours must be seen.

    >>> exact(7201), exact(43200), exact(0.25), exact(90061), exact(0)
    ('2 小时 1 秒', '12 小时', '0.25 秒', '1 天 1 小时 1 分 1 秒', '0 秒')
    """
    millis = round(seconds * 1000)
    rest, millis = divmod(millis, 1000)
    parts: list[str] = []
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count} {unit}")
    last = f"{rest}.{millis:03}".rstrip("0").rstrip(".")
    if last != "0" or not parts:
        parts.append(f"{last} 秒")
    return " ".join(parts)


def percent(share: float) -> str:
    """Return a share with as many digits as hours of a year need; never rounded up to a full hundred.

    >>> percent(1.0), percent(0.9999999), percent(0.99863)
    ('100%', '99.9999%', '99.8630%')
    """
    if share >= 1:
        return "100%"
    return f"{min(int(share * 1_000_000 + 1e-6), 999_999) / 10_000:.4f}%"


def _cut(title: str, interval: Interval, seconds: float) -> str:
    return f"{title}　{_span(interval)}　剔除 {exact(seconds)}"


def _who(cut: object) -> str:
    asked_by, decided_by = getattr(cut, "asked_by", ""), getattr(cut, "decided_by", "")
    asked_at, decided_at = getattr(cut, "asked_at", None), getattr(cut, "decided_at", None)
    late = "，事后批准" if getattr(cut, "is_late", False) else ""
    return f"{asked_by} {_at(asked_at)} 申请，{decided_by} {_at(decided_at)} 批准{late}"


def _at(instant: datetime | None) -> str:
    return "—" if instant is None else instant.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _span(interval: Interval) -> str:
    return f"{_at(interval.start)} – {_at(interval.end)}"
