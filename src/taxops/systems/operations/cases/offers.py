"""What this room plugs into the manifest of operations (插件清单): pages, permissions, jobs, live topics."""

from __future__ import annotations

from taxops.web.manifest import Permission

from . import views

PAGES = views.PAGES
MENU = views.MENU
_GROUP = "事项办理"
PERMISSIONS = [
    Permission("cases.view", "查看事项", _GROUP),
    Permission("cases.open", "发起事项", _GROUP),
    Permission("cases.handle", "办理事项（一线）", _GROUP),
    Permission("cases.second", "办理事项（二线）", _GROUP),
    Permission("cases.execute", "执行数据修改与变更", _GROUP),
    Permission("cases.approve", "局方审批", _GROUP),
    Permission("cases.lead", "分派与项目管理", _GROUP),
    Permission("cases.leader", "接收严重超时通知（领导）", _GROUP),
]
JOB_MODULES = ["taxops.platform.casework.jobs", "taxops.systems.operations.cases.jobs"]
LIVE_TOPICS = [("cases.changes", "cases.view"), ("cases.case", "cases.view")]
