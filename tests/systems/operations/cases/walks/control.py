"""Walks of what is permitted before it is done: data fix, change, outage request, vulnerability, go-live."""

from __future__ import annotations

from .kit import Go, No, Reads, Walk, t

WRONG = {
    "title": "误作废",
    "description": "窗口误操作",
    "requester": "宋",
    "level": "normal",
    "system": "dzdz",
}
DRAFT = {
    "target": "manual", "script": "UPDATE invoice SET state = 1 WHERE id = 7", "tables": "invoice",
    "expected_rows": 1, "row_limit": 1, "window_start": t(60), "window_end": t(180),
}  # fmt: skip
AMEND = {k: DRAFT[k] for k in ("script", "row_limit", "window_start", "window_end")} | {"why": "条件写错"}
DONE = {"affected": 1, "evidence": "前：作废；后：正常"}
OK = {"review_note": "条件正确"}
VENDOR = {"wait_reason": "wait_vendor", "wait_evidence": "厂商工单 A-1", "wait_consent": "孙处，电话同意"}

DATAFIX = (
    Walk("数据修改", "datafix", "max", WRONG, (
        Go("ann", "accept", 1),
        Go("ann", "wait", 2, VENDOR),
        Go("ann", "continue", 3),
        No("max", "draft", 4, "backwards", "应晚于", {**DRAFT, "window_end": t(60)}),
        No("max", "draft", 4, "bad_value", "不得小于 1", {**DRAFT, "row_limit": 0}),
        Go("mia", "draft", 4, DRAFT, to="drafted"),
        No("mia", "review", 5, "same_person", "提交脚本的人", OK),
        No("ann", "review", 5, "no_role", "权限", OK),
        No("boss", "approve", 5, "state", "待复核"),
        Go("ben", "review", 5, OK, to="reviewed"),
        No("max", "approve", 6, "same_person", "发起的人"),
        No("mia", "approve", 6, "same_person", "提交脚本的人"),
        Go("ann", "amend", 6, {**AMEND, "script": "UPDATE invoice SET state = 1"}),
        No("boss", "approve", 7, "void", "原审批已失效"),
        Go("boss", "redraft", 7, {"why": "范围过大"}, to="working"),
        Go("mia", "draft", 8, DRAFT),
        Go("ben", "review", 9, OK),
        Go("boss", "approve", 10, {"approval_no": "批〔2026〕3 号"}, to="approved"),
        Go("ann", "redraft", 11, {"why": "改期"}, to="working"),
        Go("mia", "draft", 12, DRAFT),
        Go("ben", "review", 13, OK),
        Go("boss", "approve", 14, to="approved"),  # 原样再报，可以再批
        No("eve", "record", 59, "outside", "不在批准的时间窗口之内", DONE),
        No("eve", "execute", 59, "outside", "不在批准的时间窗口之内", DONE),
        Go("ann", "amend", 60, {**AMEND, "script": "UPDATE invoice SET state = 2 WHERE id = 7"}),
        No("eve", "record", 61, "void", "原审批已失效", DONE),
        No("eve", "execute", 61, "void", "原审批已失效", DONE),
        Go("ann", "redraft", 61, {"why": "改回"}),
        Go("ann", "draft", 62, DRAFT),
        Go("ben", "review", 63, OK),
        Go("mia", "redraft", 64, {"why": "换人拟稿"}),
        Go("ann", "draft", 64, DRAFT),
        Go("ben", "review", 64, OK),
        Go("boss", "approve", 65),
        No("mia", "record", 66, "same_person", "提交脚本的人", DONE),
        No("mia", "execute", 66, "same_person", "提交脚本的人", DONE),
        No("boss", "record", 66, "no_role", "权限", DONE),
        No("eve", "record", 66, "attachments", "还缺少 1 份附件", DONE),
        No("eve", "execute", 66, "effect", "平台执行只能由「执行」按钮完成", DONE),
        No("mia", "settle", 66, "same_person", "提交脚本的人", DONE),
        No("lead", "settle", 66, "effect", "核对结果只能", DONE),
        Go("max", "record", 67, DONE, to="executed", files=1),
        No("max", "verify", 68, "same_person", "登记人工执行结果的人", {"verified_by_query": "1 行"}),
        Go("ann", "fail", 68, {"why": "少一行"}, to="working"),
        Go("ann", "draft", 69, DRAFT),
        Go("ben", "review", 70, OK),
        Go("boss", "approve", 71),
        Go("eve", "record", 72, DONE),
        Go("ann", "verify", 73, {"verified_by_query": "select …：1 行"}, to="resolved"),
        Go("ann", "close", 74),
        Go("boss", "reopen", 75, {"why": "又误作废"}, to="working"),
        Go("boss", "allow_deadline", 76, {"clock": "resolve", "deadline_at": t(900), "why": "批"}),
        No("max", "allow_deadline", 76, "same_person", "发起的人",
           {"clock": "resolve", "deadline_at": t(900), "why": "批"}),
        Go("boss", "correct", 77, {"clock": "resolve", "pause_from": t(1), "pause_to": t(2), "why": "停电"}),
        Go("lead", "cancel", 78, {"why": "撤回"}),
    ), "cancelled"),
    Walk("能连接的目标不能手工登记", "datafix", "officer", WRONG, (
        Go("ann", "accept", 1),
        Go("ann", "draft", 2, {**DRAFT, "target": "core"}),
        Go("ben", "review", 3, OK),
        Go("mia", "approve", 4),
        No("mia", "record", 61, "same_person", "局方批准的人", DONE),
        No("eve", "record", 61, "condition", "目标数据库", DONE),
        No("eve", "record", 180, "condition", "目标数据库", DONE),
    ), "approved"),
)  # fmt: skip

CHANGE = {"title": "受理服务补丁", "description": "修复慢查询", "kind": "patch", "system": "tysl"}
PLAN = {
    "plan_steps": "停服务、换包、起服务", "plan_rollback": "换回旧包", "plan_impact": "十分钟不能受理",
    "estimate_min": 30, "window_start": t(60), "window_end": t(120), "outage": False,
}  # fmt: skip
PRE = {"precheck": ["backup", "tested", "people", "notice"], "version_before": "2.3.0"}
AFTER = {"result": "完成", "version_after": "2.3.1"}
CHECK = {"function_check": ["login", "core", "interface", "logs"], "track_until": t(200)}
GOOD = {"effective": True}

CHANGES = (
    Walk("补丁", "change", "max", CHANGE, (
        No("ann", "plan_migration", 1, "condition", "应用迁移", {**PLAN, "plan_emergency": "预案"}),
        No("ann", "plan", 1, "missing", "回退方案", {k: v for k, v in PLAN.items() if k != "plan_rollback"}),
        No("ann", "plan", 1, "backwards", "「窗口结束」应晚于「窗口开始」", {**PLAN, "window_end": t(59)}),
        Go("mia", "plan", 2, PLAN, to="planned"),
        No("max", "approve", 3, "same_person", "发起的人"),
        No("mia", "approve", 3, "same_person", "提交方案的人"),
        Go("boss", "replan", 3, {"why": "改期"}, to="new"),
        Go("ann", "plan", 4, PLAN),
        Go("boss", "approve", 5, to="approved"),
        Go("boss", "replan", 6, {"why": "再议"}, to="new"),
        Go("ann", "plan", 7, PLAN),
        Go("boss", "approve", 8, to="approved"),  # 原样再报，可以再批
        No("eve", "start", 59, "outside", "不在批准的时间窗口之内", PRE),
        No("eve", "start", 120, "outside", "不在批准的时间窗口之内", PRE),
        No("eve", "start", 60, "unchecked", "还有 1 项未完成：已告知用户", {**PRE, "precheck": PRE["precheck"][:3]}),
        No("ann", "start", 60, "no_role", "权限", PRE),
        Go("eve", "start", 60, PRE, to="working"),
        No("eve", "done", 70, "missing", "变更后版本或参数", {"result": "完成"}),
        Go("eve", "done", 70, AFTER, to="checking"),
        No("ann", "check_migration", 71, "condition", "应用迁移", {**CHECK, "data_check": "一致"}),
        No("ann", "check", 71, "unchecked", "还有 3 项未完成", {**CHECK, "function_check": ["login"]}),
        Go("ann", "check", 71, CHECK, to="tracking"),
        No("ann", "close", 199, "too_soon", "「跟踪至」未到", GOOD),
        No("ann", "close_hardening", 200, "condition", "安全加固", {**GOOD, "record": "无"}),
        Go("ann", "close", 200, GOOD),
    ), "closed", cannot_open=("nobody", "officer", "boss")),
    Walk("批准的人不实施", "change", "ann", CHANGE, (
        Go("ann", "plan", 1, PLAN),
        Go("mia", "approve", 2),
        No("mia", "start", 60, "same_person", "批准方案的人", PRE),
        Go("eve", "start", 60, PRE),
        No("mia", "done", 61, "same_person", "批准方案的人", AFTER),
        No("eve", "roll_back", 62, "missing", "说明", {"result": "失败"}),
        Go("eve", "roll_back", 62, {"result": "失败", "why": "启动不了"}),
    ), "rolled_back"),
    Walk("迁移", "change", "ann", {**CHANGE, "kind": "migration"}, (
        No("ann", "plan", 1, "condition", "软件补丁、参数配置、系统调优、安全加固", PLAN),
        No("ann", "plan_migration", 1, "missing", "应急预案", PLAN),
        Go("mia", "plan_migration", 1, {**PLAN, "plan_emergency": "切回原址"}),
        No("mia", "approve", 2, "same_person", "提交迁移方案的人"),
        Go("boss", "approve", 2),
        Go("eve", "start", 60, PRE),
        Go("eve", "done", 61, AFTER),
        No("ann", "check", 62, "condition", "软件补丁", CHECK),
        No("ann", "check_migration", 62, "missing", "数据验证校验结果", CHECK),
        Go("ann", "check_migration", 62, {**CHECK, "data_check": "行数、金额一致"}, to="tracking"),
        Go("ann", "close", 200, GOOD),
    ), "closed"),
    Walk("加固留档", "change", "ann", {**CHANGE, "kind": "hardening"}, (
        Go("ann", "plan", 1, PLAN),
        Go("boss", "approve", 2),
        Go("eve", "start", 60, PRE),
        Go("eve", "done", 61, AFTER),
        Go("ann", "check", 62, CHECK),
        No("ann", "close", 200, "condition", "变更类别", GOOD),
        No("ann", "close_hardening", 199, "too_soon", "「跟踪至」未到", {**GOOD, "record": "封 445"}),
        No("ann", "close_hardening", 200, "missing", "加固留档记录", GOOD),
        Go("ann", "close_hardening", 200, {**GOOD, "record": "封闭 445 端口"}),
    ), "closed"),
    *(
        Walk(f"变更 {kind}", "change", "ann", {**CHANGE, "kind": kind}, (
            Go("ann", "plan", 1, PLAN), Go("boss", "approve", 2), Go("eve", "start", 60, PRE),
            Go("eve", "done", 61, AFTER), Go("ann", "check", 62, CHECK), Go("ann", "close", 200, GOOD),
        ), "closed")
        for kind in ("param", "tuning")
    ),
    Walk("撤销变更", "change", "ann", CHANGE, (Go("lead", "cancel", 1, {"why": "不做了"}),), "cancelled"),
)  # fmt: skip

STOP = {
    "title": "扩容停机", "description": "磁盘将满", "system": "tysl", "scope": "全省", "work_plan": "停、扩、起",
    "window_start": t(60), "window_end": t(120),
}  # fmt: skip

OUTAGE = (
    Walk("停机维护", "outage_request", "max", STOP, (
        No("max", "approve", 1, "same_person", "发起的人"),
        No("ann", "approve", 1, "no_role", "权限"),
        No("ann", "amend", 1, "backwards", "应晚于",
           {"scope": "全省", "work_plan": "停", "window_start": t(90), "window_end": t(80), "why": "改"}),
        Go("mia", "amend", 1, {"scope": "全省", "work_plan": "先备份，停、扩、起", "window_start": t(60),
                               "window_end": t(120), "why": "加备份"}),
        No("mia", "approve", 2, "same_person", "修改申请的人"),
        Go("boss", "approve", 2, to="approved"),
        No("ann", "start", 59, "outside", "不在批准的时间窗口之内"),
        No("ann", "start", 120, "outside", "不在批准的时间窗口之内"),
        Go("ann", "start", 60, to="working"),
        No("ann", "done", 70, "missing", "维护结果"),
        Go("ann", "done", 70, {"result": "已扩容"}),
    ), "closed", cannot_open=("nobody", "officer")),
    Walk("不同意", "outage_request", "ann", STOP, (Go("boss", "refuse", 1, {"why": "征期"}),), "refused"),
    Walk("撤销停机", "outage_request", "ann", STOP, (
        Go("boss", "approve", 1), Go("ann", "cancel", 2, {"why": "改期"}),
    ), "cancelled"),
    Walk("结束早于开始", "outage_request", "ann", STOP, (Go("lead", "cancel", 1, {"why": "改期"}),), "cancelled"),
)  # fmt: skip

HOLE = {
    "title": "中间件漏洞", "description": "自查", "system": "tysl", "severity": "high", "found_by": "self",
    "reported_first": True,
}  # fmt: skip
LIMIT = {"clock": "fix", "deadline_at": t(3000)}

VULN = (
    Walk("漏洞整改", "vuln", "max", HOLE, (
        No("ann", "false_alarm", 1, "no_role", "权限", {"why": "误报"}),
        No("max", "false_alarm", 1, "same_person", "发起的人", {"why": "误报"}),
        No("max", "acknowledge", 1, "same_person", "发起的人", {"reported_first": True, "report_evidence": "邮件"}),
        No("boss", "acknowledge", 1, "missing", "报备依据", {"reported_first": True}),
        Go("boss", "acknowledge", 1, {"reported_first": True, "report_evidence": "5 月 20 日邮件，孙处接收"}),
        Go("ann", "confirm", 2, {"cve": "CVE-2026-0001"}),
        No("ann", "set_limit", 3, "no_role", "权限", LIMIT),
        Go("boss", "set_limit", 3, LIMIT),
        No("max", "accept_risk", 4, "same_person", "发起的人", {"acceptance": "不修"}),
        No("ann", "start", 4, "missing", "整改方案"),
        Go("ann", "start", 4, {"fix_plan": "升级"}),
        No("ann", "roll_back", 5, "condition", "整改导致业务受阻", {"blocked": False, "why": "受阻"}),
        Go("ann", "roll_back", 5, {"blocked": True, "why": "不能登录"}, to="confirmed"),
        Go("ann", "start", 6),
        Go("mia", "fix", 7, {"why": "已升级"}),
        Go("ann", "retest_fail", 8, {"why": "仍在"}, to="working"),
        Go("mia", "fix", 9, {"why": "再升级"}),
        No("mia", "close", 10, "same_person", "整改完成的人", {"retest": "通过", "record": "4.2.1"}),
        No("ann", "close", 10, "missing", "加固留档记录", {"retest": "通过"}),
        Go("ann", "close", 10, {"retest": "通过", "record": "中间件 4.2.1"}),
    ), "closed"),
    Walk("误报", "vuln", "ann", HOLE, (Go("ben", "false_alarm", 1, {"why": "版本不受影响"}),), "cancelled"),
    Walk("接受风险", "vuln", "ann", HOLE, (
        Go("ann", "confirm", 1),
        # 当日不计，三个法定工作日：6 月 2 日 00:00 起
        Reads("fix", 14 * 60, 0), Reads("fix", 15 * 60, 3600), Reads("fix", 86 * 60, 72 * 3600),
        Reads("fix", 87 * 60, 72 * 3600 + 3600, over=True),
        Go("boss", "accept_risk", 87 * 60, {"acceptance": "厂商无补丁，隔离使用"}),
    ), "accepted"),
)  # fmt: skip

NEW = {"title": "新版上线", "description": "二期", "system": "tysl", "plan_on": "2026-06-20"}
SIX = {
    "papers": ["supply", "components", "security_test", "source_audit", "grading", "self_check"],
    "tests": ["scan", "penetration", "audit", "baseline"],
}  # fmt: skip

GOLIVE = (
    Walk("六份材料", "golive", "max", NEW, (
        No("ben", "submit", 1, "attachments", "还缺少 1 份附件", SIX, files=5),
        *(
            No("ben", "submit", 1, "unchecked", "六份材料", {**SIX, "papers": [p for p in SIX["papers"] if p != one]})
            for one in SIX["papers"]
        ),
        Go("mia", "submit", 2, SIX, files=1),
        No("max", "approve", 3, "same_person", "发起的人"),
        No("mia", "approve", 3, "same_person", "提交材料的人"),
        Go("boss", "return", 3, {"why": "缺页"}, to="new"),
        Go("ben", "submit", 4),
        No("ben", "approve", 5, "no_role", "权限"),
        Go("boss", "approve", 5, to="approved"),
        No("boss", "golive", 6, "no_role", "权限", {"result": "成功"}),
        Go("eve", "golive", 6, {"result": "成功"}),
    ), "closed", cannot_open=("nobody", "ann", "boss")),
    Walk("审查的人不上线", "golive", "ben", NEW, (
        Go("ben", "submit", 1, SIX, files=6),
        Go("mia", "approve", 2),
        No("mia", "golive", 3, "same_person", "审查通过的人", {"result": "成功"}),
    ), "approved"),
    Walk("撤销上线", "golive", "lead", NEW, (Go("lead", "cancel", 1, {"why": "延期"}),), "cancelled"),
)  # fmt: skip

WALKS = (*DATAFIX, *CHANGES, *OUTAGE, *VULN, *GOLIVE)
