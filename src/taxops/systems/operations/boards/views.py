"""The wall board of a province (全省大屏)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.urls import reverse

from taxops.engines.base import CHINA, Scope, duration_words
from taxops.systems.operations.monitoring.views import badges
from taxops.web.kit import BoardPage, State
from taxops.web.manifest import MenuItem

from . import drawing, queries

POSTS = {"line1": "一线", "line2": "二线", "lead": "带班", "db": "数据", "app": "应用"}
MOST_SYSTEMS = 8
"""Tiles; the ninth says how many more there are."""


class ProvinceBoard(BoardPage):
    """What hangs on the wall (全省大屏): map, systems, outages now, trend, alerts, who is on duty."""

    name = "monitoring-board"
    path = "operations/board/"
    title = "运行监控大屏"
    permission = "monitoring.view"
    template = "operations/boards/board.html"
    body_template = "operations/boards/board_body.html"
    live_topic = badges.LIVE
    refresh_s = 10

    def heading_text(self) -> str:
        """Return the heading."""
        return "运行监控"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return what the wall shows."""
        board = queries.board(scope, now)
        listed = reverse("monitoring-systems")
        worst = [one for one in board.systems if one.shown != "ok"]
        fine = [one for one in board.systems if one.shown == "ok"]
        shown = [*worst, *fine]
        shown = shown if len(shown) == MOST_SYSTEMS + 1 else shown[:MOST_SYSTEMS]
        return {
            "board": board,
            "map": drawing.province_map(board.tiles, lambda code: f"{listed}?org={quote(code)}"),
            "own": badges.shown(board.own) if board.own else State("未接入"),
            "systems": [(one, badges.shown(one.shown)) for one in shown],
            "n_more": len(board.systems) - len(shown),
            "figures": [
                (badges.shown(state), n, state.value)
                for state, n in board.counts
                if state.value != "critical"
            ],
            "n_unshown": board.n_outages - len(board.outages),
            "n_dark": sum(one.shown in badges.DARK for one in board.systems),
            "n_bad": next((n for state, n in board.counts if state.value == "critical"), 0),
            "hour_bars": drawing.hour_bars(board.hours),
            "day_bars": drawing.day_bars(board.days),
            "hours": [f"{b.start.astimezone(CHINA):%H}" for b in board.hours[::6]] + ["现在"],
            "days": [f"{b.start.astimezone(CHINA):%m-%d}" for b in board.days[::10]] + ["今天"],
            "n_day": sum(b.checks + b.systems for b in board.hours),
            "most_hour": max((b.checks + b.systems for b in board.hours), default=0),
            "down_month": _words(sum(b.down_s for b in board.days)),
            "most_day": _words(max((b.down_s for b in board.days), default=0)),
            "on_duty": [(one, POSTS.get(one.post, one.post)) for one in board.on_duty],
        }


def _words(seconds: float) -> str:
    return duration_words(seconds) if seconds else ""


PAGES: Sequence[type[Any]] = [ProvinceBoard]
MENU = [MenuItem("全省大屏", "monitoring-board", "monitoring.view", "device-tv")]
