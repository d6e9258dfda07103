"""Clearing away (清理) what nobody needs any more: old login attempts, ended sessions."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from taxops.platform.identity.models import LoginAttempt, PersonSession

KEPT = timedelta(days=400)
"""Network logs are kept for six months at least (网络安全法第二十一条); a year's comparison wants more."""


def tidy(*, now: datetime) -> dict[str, int]:
    """Delete browser sessions that ran out, and attempts and ended sessions older than 400 days."""
    browsers, _ = Session.objects.filter(expire_date__lt=now).delete()
    attempts, _ = LoginAttempt.objects.filter(at__lt=now - KEPT).delete()
    ended, _ = PersonSession.objects.filter(ended_at__lt=now - KEPT).delete()
    return {"浏览器会话": browsers, "登录尝试": attempts, "已结束会话": ended}
