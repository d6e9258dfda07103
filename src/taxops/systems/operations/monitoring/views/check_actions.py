"""What can be done with one check (检查项操作): switch off and on, copy, archive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from taxops.engines.base import Scope
from taxops.systems.operations.monitoring import queries, services
from taxops.web.kit import ActionPage, Confirm, Done


class _CheckAction(ActionPage):
    """The root of acts on one check."""

    permission = "monitoring.edit"
    parent = "monitoring-check"

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        """Return the check."""
        return queries.get_check(scope, now, kwargs["pk"], "monitoring.edit")


class CheckDisable(_CheckAction):
    """Switch a check off (停用检查项)."""

    name = "monitoring-check-disable"
    path = "operations/checks/<int:pk>/disable/"
    title = "停用检查项"
    submit = "停用"
    danger = True
    confirm = "将停用「{thing}」：不再探测，也不告警；正在进行的中断到此刻为止。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Switch it off."""
        services.switch_checks(scope, [thing.pk], now=now, enabled=False)
        return Done(f"已停用「{thing.name}」。", undo=("monitoring-check-enable", {"pk": thing.pk}))


class CheckEnable(_CheckAction):
    """Switch a check on (启用检查项)."""

    name = "monitoring-check-enable"
    path = "operations/checks/<int:pk>/enable/"
    title = "启用检查项"
    submit = "启用"
    confirm = "将启用「{thing}」，几秒内开始探测。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Switch it on."""
        services.switch_checks(scope, [thing.pk], now=now, enabled=True)
        return Done(f"已启用「{thing.name}」。", undo=("monitoring-check-disable", {"pk": thing.pk}))


class CheckCopy(_CheckAction):
    """Make a check like this one (复制检查项)."""

    name = "monitoring-check-copy"
    path = "operations/checks/<int:pk>/copy/"
    title = "复制检查项"
    submit = "复制"
    confirm = "将复制「{thing}」，副本先停用，修改后再启用。"

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Copy it and open the copy's editor."""
        made = services.copy_check(scope, thing.pk, now=now)
        return Done("已复制，请修改后启用。", to=self.url("monitoring-check-edit", pk=made.pk))


class CheckArchive(_CheckAction):
    """Take a check out of use (归档检查项)."""

    name = "monitoring-check-archive"
    path = "operations/checks/<int:pk>/archive/"
    title = "归档检查项"
    parent = "monitoring-checks"
    submit = "归档"
    danger = True

    def ask(self, scope: Scope, now: datetime, thing: Any) -> Confirm:
        """Say what will happen."""
        return Confirm(f"将归档「{thing.name}」：不再探测，历史和中断记录保留。", warning="归档后不能恢复。")

    def act(self, scope: Scope, now: datetime, thing: Any, **kwargs: Any) -> Done:
        """Archive it."""
        services.archive_check(scope, thing.pk, now=now)
        return Done(f"检查项「{thing.name}」已归档。", to=self.url("monitoring-checks"))


PAGES: Sequence[type[Any]] = [CheckDisable, CheckEnable, CheckCopy, CheckArchive]
