"""Signing in (打卡), made for a phone: works without a net and sends itself once; and who came (到岗情况)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse

from taxops.engines.base import CHINA, BadInput, Scope, TaxopsError, parse_instant
from taxops.systems.operations.roster import queries, services
from taxops.systems.operations.roster.words import Presence, SignKind
from taxops.web.kit import Page, Tone, state_of

_TONES = {"due": Tone.PLAIN, "on_time": Tone.GOOD, "late": Tone.WARNING, "absent": Tone.BAD}


class SignPage(Page):
    """Sign in or out (打卡)."""

    name = "roster-sign"
    path = "operations/roster/sign/"
    title = "打卡"
    permission = queries.VIEW
    parent = "roster-calendar"
    template = "operations/roster/sign.html"

    def context(self, scope: Scope, now: datetime, **kwargs: Any) -> Mapping[str, Any]:
        """Return my shifts around now, my last sign-ins, and who came these two days."""
        posts = list(queries.list_posts(scope))
        start = (now - timedelta(days=1)).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
        rows = queries.attendance_of(posts, start, start + timedelta(days=2), now)
        mine = [
            span for span in queries.spans_of(posts, now - timedelta(hours=2), now + timedelta(days=2))
            if span.person_id == scope.actor_id
        ]  # fmt: skip
        by_id = {p.pk: p for p in posts}
        near = mine[0].post_id if mine else None
        return {
            "posts": sorted(posts, key=lambda p: p.pk != near),
            "mine": [(by_id[s.post_id], queries.instant(s.start), queries.instant(s.end)) for s in mine[:4]],
            "last": queries.list_signs(scope).filter(person_id=scope.actor_id or 0)[:8],
            "kinds": SignKind.pairs(),
            "attendance": [
                {
                    "post": post,
                    "name": name,
                    "start": queries.instant(a.span.start),
                    "end": queries.instant(a.span.end),
                    "signed": queries.instant(a.signed_at) if a.signed_at else None,
                    "late_s": a.late_s,
                    "badge": state_of(a.presence.value, label=Presence.label_of(a.presence), tones=_TONES),
                }
                for post, name, a in rows
            ],
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Store one sign-in; a device that queued it asks for JSON, a plain form is led back."""
        wants_json = "application/json" in request.headers.get("Accept", "")
        try:
            made = self._sign(request.POST)
        except TaxopsError as error:
            if wants_json:
                return JsonResponse(error.as_dict(), status=error.status)
            raise
        if wants_json:
            return JsonResponse({"id": made.pk, "at": made.at.isoformat(), "distance_m": made.distance_m})
        messages.success(request, "已打卡。")
        return HttpResponseRedirect(self.url("roster-sign"))

    def _sign(self, sent: Mapping[str, Any]) -> Any:
        post, at = str(sent.get("post", "")), str(sent.get("at", ""))
        if not post.isascii() or not post.isdigit() or len(post) > 9:
            raise BadInput("请选择岗位。", field="post")
        try:
            place = [float(str(sent[n])) if sent.get(n) else None for n in ("latitude", "longitude")]
        except ValueError:
            raise BadInput("定位不正确。", "请重新定位。") from None
        return services.sign(
            self.scope,
            now=self.now,
            post_id=int(post),
            kind=str(sent.get("kind", "")),
            key=str(sent.get("key", "")).replace("\x00", ""),
            at=parse_instant(at) if at else None,
            place=str(sent.get("place", "")).replace("\x00", ""),
            latitude=place[0],
            longitude=place[1],
        )


PAGES: Sequence[type[Any]] = [SignPage]
