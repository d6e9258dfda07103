"""What operations plugs in (运维服务)."""

from __future__ import annotations

from taxops.web.manifest import Manifest, MenuSection, Permission

from .alerting import views as alert_views
from .availability import api as availability_api
from .availability import views as availability_views
from .blueprints import views as blueprint_views
from .boards import views as board_views
from .cases import offers
from .deliverables import views as deliverables
from .desk import views as desk
from .drift import views as drift_views
from .expiry import views as expiry_views
from .intake import api as intake_api
from .intake import views as intake_views
from .knowledge import views as knowledge
from .manual import views as manual_views
from .monitoring import api, queries, services, views
from .proofs import views as proof_views
from .roster import views as roster
from .topology import views as topology_views

_TABS = topology_views.TAB  # importing it puts the tab into the system's page

SECTIONS = [
    MenuSection("cases", "事项与服务台", "clipboard-list", [
        "cases-mine", "desk-intake", "desk-queues", "cases-list", "desk-field", "desk-conferences",
        "desk-answers", "datatargets",
    ]),
    MenuSection("watch", "运行监控", "activity-heartbeat", [
        "monitoring-overview", "monitoring-board", "monitoring-systems", "monitoring-checks",
        "monitoring-outages", "monitoring-windows", "manual-duties", "expiry",
    ]),
    MenuSection("alerts", "告警", "bell", [
        "monitoring-alerts", "alerting-silences", "alerting-routes", "alerting-inhibitions", "intake-sources",
    ]),
    MenuSection("duty", "值班", "calendar", [
        "roster-calendar", "roster-sign", "roster-handovers", "roster-swaps", "roster-gaps", "roster-posts",
    ]),
    MenuSection("knowledge", "知识", "book", [
        "knowledge-search", "knowledge-articles", "knowledge-questions", "knowledge-editions",
    ]),
    MenuSection("results", "可用性与交付", "gauge", ["availability", "deliverables"]),
    MenuSection("setting-up", "监控配置", "adjustments", [
        "blueprints", "monitoring-items", "monitoring-coverage", "drift", "monitoring-probers",
        "monitoring-storage",
    ]),
]  # fmt: skip

MANIFEST = Manifest(
    code="operations",
    title="运维服务",
    icon="activity-heartbeat",
    duty="monitoring.maintain",
    pages=[
        *views.PAGES,
        *offers.PAGES,
        *alert_views.PAGES,
        *intake_views.PAGES,
        *board_views.PAGES,
        *expiry_views.PAGES,
        *proof_views.PAGES,
        *drift_views.PAGES,
        *manual_views.PAGES,
        *blueprint_views.PAGES,
        *desk.PAGES,
        *knowledge.PAGES,
        *roster.PAGES,
        *availability_views.PAGES,
        *deliverables.PAGES,
    ],
    menu=[
        *offers.MENU,
        *views.MENU,
        *intake_views.MENU,
        *board_views.MENU,
        *expiry_views.MENU,
        *proof_views.MENU,
        *drift_views.MENU,
        *manual_views.MENU,
        *blueprint_views.MENU,
        *desk.MENU,
        *knowledge.MENU,
        *roster.MENU,
        *availability_views.MENU,
        *deliverables.MENU,
    ],
    sections=SECTIONS,
    permissions=[
        Permission("monitoring.view", "查看运行监控", "运行监控"),
        Permission("monitoring.edit", "维护系统与检查项", "运行监控"),
        Permission("blueprints.edit", "编写与发布监控模板", "运行监控"),
        Permission("monitoring.run", "试一试、确认告警", "运行监控"),
        Permission("monitoring.maintain", "申请与审批维护窗口", "运行监控"),
        Permission("availability.exclude", "申请剔除", "可用性"),
        Permission("availability.approve", "审批剔除", "可用性"),
        Permission("availability.agree", "登记可用性约定", "可用性"),
        Permission("deliverables.make", "出具与编制签字", "交付物"),
        Permission("deliverables.review", "审核签字", "交付物"),
        Permission("deliverables.receive", "局方签收", "交付物"),
        Permission("probers.report", "探测器上报", "运行监控"),
        Permission("alerting.silence", "静默告警", "告警"),
        Permission("alerting.route", "维护告警路由与升级策略", "告警"),
        Permission("alerting.inhibit", "维护抑制规则", "告警"),
        Permission("intake.manage", "维护接入来源、指派未匹配事件", "告警"),
        Permission("intake.push", "推送外部告警与事件（接口令牌）", "告警"),
        *offers.PERMISSIONS,
        Permission("roster.view", "查看值班表、打卡、换班、交接班", "值班"),
        Permission("roster.edit", "排班、调整、批准换班", "值班"),
        Permission("knowledge.view", "检索知识、登记提问", "知识库"),
        Permission("knowledge.write", "编写知识、编制手册", "知识库"),
        Permission("knowledge.review", "审核知识、手册定稿", "知识库"),
    ],
    api_routers=[*api.ROUTERS, *intake_api.ROUTERS, *availability_api.ROUTERS],
    job_modules=[
        "taxops.systems.operations.monitoring.jobs",
        "taxops.systems.operations.manual.jobs",
        "taxops.systems.operations.alerting.jobs",
        "taxops.systems.operations.expiry.jobs",
        "taxops.systems.operations.deliverables.jobs",
        "taxops.systems.operations.intake.jobs",
        "taxops.systems.operations.knowledge.jobs",
        "taxops.systems.operations.desk.jobs",
        *offers.JOB_MODULES,
    ],
    live_topics=[("monitoring", "monitoring.view"), ("roster", "roster.view"), *offers.LIVE_TOPICS],
    health=[("prober", queries.prober_health)],
    gauges=[queries.gauges],
    demo="taxops.systems.operations.monitoring.demo",
    extra={"takes_runner": services.use_runner},
)
