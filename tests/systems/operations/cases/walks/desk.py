"""Walks of what people bring and what breaks: request, incident, major matter, problem, complaint."""

from __future__ import annotations

from .kit import Go, No, Reads, Walk, t

WAIT = {"wait_reason": "wait_business_dept", "wait_evidence": "函〔2026〕12 号"}
AGREED = {**WAIT, "wait_consent": "孙处，电话同意"}
VENDOR = {"wait_reason": "wait_vendor", "wait_evidence": "厂商工单 A-1", "wait_consent": "孙处，电话同意"}
CORRECT = {"clock": "resolve", "pause_from": t(9), "pause_to": t(20), "why": "当时停电，局方确认"}
QUESTION = {
    "title": "无法打印",
    "requester": "张三",
    "channel": "phone",
    "level": "normal",
    "kind": "question",
}

REQUEST = (
    Walk(
        "问题解答",
        "request",
        "officer",
        QUESTION,
        (
            No("officer", "accept", 5, "no_role", "没有「受理」的权限"),
            No("ann", "wait", 5, "state", "待受理", AGREED),
            Go("ann", "accept", 5, to="working"),
            No("ann", "wait", 6, "missing", "等待原因"),
            No("ann", "wait", 6, "missing", "等待依据", {"wait_reason": "wait_requester"}),
            No("ann", "wait", 6, "consent", "须经局方同意", WAIT),
            Go("ann", "respond", 6, {"why": "已着手"}),
            Go("ann", "relevel", 7, {"level": "high", "why": "影响开票"}),
            Go("ann", "hand_over", 8, {"why": "需查库"}),
            No("boss", "bureau_answer", 8, "not_yet", "还没有「提交系统管理员」", {"bureau_answer": "可以"}),
            Go("ben", "to_bureau", 9, {"why": "口径不明"}),
            Go("boss", "bureau_answer", 20, {"bureau_answer": "按新口径"}),
            Go("ann", "wait", 21, AGREED, to="waiting"),
            Go("ann", "continue", 50, to="working"),
            No(
                "ann",
                "allow_deadline",
                51,
                "no_role",
                "权限",
                {"clock": "resolve", "deadline_at": t(600), "why": "长"},
            ),
            No("boss", "correct", 51, "backwards", "应晚于", {**CORRECT, "pause_to": t(8)}),
            Go("boss", "correct", 51, CORRECT),
            # 10:00-11:00 less 10:09-10:20 less 10:21-10:50
            Reads("resolve", 60, (60 - 11 - 29) * 60),
            Go("boss", "allow_deadline", 60, {"clock": "resolve", "deadline_at": t(600), "why": "程序优化"}),
            No("ann", "deliver", 61, "condition", "数据提取", {"answer": "见附件"}),
            Go("ann", "resolve", 61, {"answer": "重装驱动"}, to="resolved"),
            No("ann", "accept", 62, "state", "已答复"),
            Go("officer", "close", 62, to="closed"),
            Go("officer", "reopen", 70, {"why": "又出现"}, to="working"),
            No("ann", "cancel", 71, "missing", "说明"),
            Go("ann", "cancel", 71, {"why": "提出人撤回"}),
        ),
        "cancelled",
    ),
    Walk(
        "不取数的不写口径",
        "request",
        "max",
        QUESTION,
        (
            Go("ann", "accept", 1),
            No(
                "ann",
                "define",
                2,
                "condition",
                "数据提取、统计报表",
                {"extract_scope": "六月", "masked": True},
            ),
            No(
                "max",
                "allow_deadline",
                2,
                "same_person",
                "发起的人",
                {"clock": "resolve", "deadline_at": t(600), "why": "长"},
            ),
        ),
        "working",
    ),
    Walk(
        "取数",
        "request",
        "officer",
        {**QUESTION, "kind": "extract"},
        (
            Go("ann", "accept", 1),
            No("ann", "resolve", 2, "condition", "问题解答", {"answer": "给"}),
            No("ann", "deliver", 2, "not_approved", "还没有「批准取数」", {"answer": "给"}),
            No("boss", "permit", 2, "not_yet", "还没有「写明取数口径」"),
            No("ann", "define", 3, "missing", "敏感字段已脱敏", {"extract_scope": "六月红冲"}),
            Go("max", "define", 3, {"extract_scope": "六月红冲", "masked": True}),
            No("max", "permit", 4, "same_person", "写明取数口径的人"),
            Go("boss", "permit", 4),
            No("boss", "permit", 5, "voted", "已经审批过"),
            Go("ann", "define", 5, {"extract_scope": "全年红冲", "masked": True}),
            No("ann", "deliver", 6, "void", "原审批已失效", {"answer": "给"}),
            Go("mia", "permit", 6),
            No("mia", "deliver", 7, "same_person", "批准取数的人", {"answer": "给"}),
            Go("ann", "deliver", 7, {"answer": "见附件", "first_line": True}, to="resolved"),
            Go("ann", "close", 8),
        ),
        "closed",
    ),
)

FAULT = {"title": "受理缓慢", "requester": "林", "channel": "remote", "level": "L2", "system": "tysl"}
CAUSE = {"report_cause": "网卡驱动缺陷", "responsible": "vendor"}
PAPER = {"report_what": "全省不能受理", "report_handling": "更换驱动", "report_prevention": "纳入版本核对",
         "misoperation": False}  # fmt: skip

INCIDENT = (
    Walk("故障到签收", "incident", "max", FAULT, (
        Go("ann", "accept", 2),
        Go("ann", "respond", 5, {"why": "正在扩容"}),
        Go("ann", "relevel", 6, {"level": "L1", "why": "全省不能受理"}),
        No("eve", "hand_over", 6, "missing", "说明"),
        Go("ann", "hand_over", 7, {"why": "请二线"}),
        Go("ben", "confer", 8, {"conference": "三位专家，驱动缺陷"}),
        No("ann", "resolve", 9, "state", "处理中", CAUSE),
        No("ben", "wait", 9, "consent", "须经局方同意", {k: v for k, v in VENDOR.items() if k != "wait_consent"}),
        Go("ben", "wait", 10, VENDOR, to="waiting"),
        No("max", "allow_deadline", 11, "same_person", "发起的人",
           {"clock": "resolve", "deadline_at": t(600), "why": "批"}),
        Go("boss", "allow_deadline", 11, {"clock": "resolve", "deadline_at": t(600), "why": "批"}),
        Go("ben", "continue", 20),
        Go("boss", "correct", 20, {**CORRECT, "pause_from": t(8), "pause_to": t(10)}),
        Reads("restore", 30, 30 * 60),  # 三十分钟内：到点不算超
        Reads("restore", 31, 31 * 60, over=True),  # 恢复时限不能暂停
        Reads("resolve", 31, (31 - 12) * 60),
        Go("ben", "restore", 31, {"how_restored": "重启节点"}, to="restored"),
        No("ben", "resolve", 40, "missing", "责任认定", {"report_cause": "驱动"}),
        Go("ben", "resolve", 40, CAUSE, to="resolved"),
        No("boss", "sign", 41, "state", "已解决，待报告"),
        No("ben", "report", 41, "missing", "一、故障现象及影响", {"report_handling": "换"}),
        Go("max", "report", 41, PAPER, to="reported"),
        No("max", "sign", 42, "same_person", "提交故障报告的人"),
        Go("boss", "return", 42, {"why": "原因不清"}, to="resolved"),
        Go("max", "report", 43),
        Go("ann", "fail_again", 44, {"why": "又断"}, to="working"),
        Go("ann", "restore", 45),
        Go("ann", "resolve", 46),
        No("boss", "sign", 47, "state", "已解决，待报告"),  # 再次中断之前的报告不算数
        Go("ben", "report", 47),
        No("ben", "sign", 48, "no_role", "权限"),
        Go("boss", "sign", 48, to="closed"),
        Go("boss", "reopen", 49, {"why": "未根治"}, to="working"),
        No("ann", "cancel", 50, "no_role", "权限", {"why": "误报"}),
        Go("lead", "cancel", 50, {"why": "并入另一事项"}),
    ), "cancelled"),
    *(
        Walk(f"故障 {level} 的时限", "incident", "ann", {**FAULT, "level": level}, lines, "new")
        for level, lines in {
            "L1": (Reads("restore", 29, 29 * 60), Reads("substantive", 120, 7200, over=True),
                   Reads("resolve", 119, 119 * 60), Reads("resolve", 120, 7200, over=True)),
            "L2": (Reads("restore", 31, 31 * 60, over=True), Reads("resolve", 120, 7200, over=True)),
            # 12:00-14:30 不在驻场时间；小于四工作小时，到点即超
            "L3": (Reads("resolve", 389, 239 * 60), Reads("resolve", 390, 240 * 60, over=True)),
            "L4": (Reads("resolve", 389, 239 * 60), Reads("substantive", 390, 240 * 60, over=True)),
        }.items()
    ),
)  # fmt: skip

STOP = {
    "title": "统一受理中断", "description": "不能受理", "system": "tysl", "ground": "stopped", "began_at": t(-10),
    "levy_period": False, "incident": "GZ20260601-0001",
}  # fmt: skip
YES = {"why": "已满三十分钟", "confirmed": True, "levy_period": True}
PLAN = {"plan": ["reported", "plan", "bureau", "onsite", "backup", "notice"]}
SHEET = {"task_phenomenon": "全省不能受理", "task_steps": "逐层排查", "task_people": "一线、二线"}
STATEMENT = {
    "statement_course": "经过", "statement_cause": "原因", "statement_effect": "影响", "statement_measures": "措施",
    "responsible": "own", "negligence": True,
}  # fmt: skip

MAJOR = (
    Walk("重大事项", "major", "lead", STOP, (
        No("boss", "confirm", 19, "condition", "认定为重大事项", {**YES, "confirmed": False}),
        No("boss", "confirm", 19, "effect", "系统停机只有 29 分钟，不满 30 分钟", YES),
        No("ann", "confirm", 20, "no_role", "权限", YES),
        Go("boss", "confirm", 20, YES, to="working"),  # 三十分钟以上，含三十分钟
        No("ann", "restore", 21, "not_yet", "还没有「填写故障排查任务单」", {"ended_at": t(20)}),
        No("ann", "start_plan", 21, "unchecked", "还有 1 项未完成", {"plan": PLAN["plan"][:5]}),
        Go("ann", "start_plan", 21, PLAN),
        Go("ann", "task_sheet", 30, SHEET),
        No("ann", "restore", 61, "backwards", "「恢复时间」应晚于「开始时间」", {"ended_at": t(-20)}),
        No("ann", "restore", 61, "effect", "不能晚于现在", {"ended_at": t(90)}),
        Go("ann", "restore", 61, {"ended_at": t(60)}, to="restored"),
        Go("ann", "fail_again", 70, {"why": "又断"}, to="working"),
        Go("ann", "restore", 80, {"ended_at": t(79)}),
        No("max", "state", 90, "missing", "经过", {**STATEMENT, "statement_course": ""}),
        Go("max", "state", 90, STATEMENT, to="written"),
        Go("boss", "return", 91, {"why": "原因不清"}, to="restored"),
        Go("max", "state", 92),
        No("max", "sign", 93, "same_person", "提交重大事项说明的人"),
        Go("boss", "sign", 93),
    ), "closed", cannot_open=("nobody", "ann")),
    Walk("不予认定", "major", "lead", {**STOP, "ground": "opinion", "began_at": t(-1)}, (
        No("lead", "reject", 1, "no_role", "权限", {"why": "无"}),
        Go("boss", "reject", 1, {"why": "不属实"}),
    ), "cancelled"),
    Walk("舆情不论时长，满四小时即超", "major", "lead", {**STOP, "ground": "opinion", "began_at": t(-1)}, (
        Go("boss", "confirm", 0, YES),
        Reads("four_hours", 239, 239 * 60),
        Reads("four_hours", 240, 240 * 60, over=True),
        Reads("notice", 31, 31 * 60, over=True),
    ), "working"),
)  # fmt: skip

ERROR = {"title": "大额查验超时", "description": "金额过亿", "system": "fpcy"}
WAY = {"workaround": "改用批量查验"}

PROBLEM = (
    Walk("程序错误", "problem", "ann", ERROR, (
        Go("ann", "accept", 1),
        No("ben", "confirm", 2, "not_yet", "还没有「告知临时办法」", {"analysis": "字段短"}),
        Go("ann", "give_workaround", 2, WAY),
        Go("ann", "wait", 3, VENDOR),
        Go("ann", "continue", 4),
        No("ann", "confirm", 5, "no_role", "权限", {"analysis": "字段短"}),
        Go("ben", "confirm", 5, {"analysis": "字段短", "known_error": True}, to="confirmed"),
        No("ann", "submit", 6, "no_role", "权限"),  # 单一接口：一线不直接提交
        Go("lead", "submit", 6, to="submitted"),
        Go("boss", "return", 7, {"why": "缺日志"}, to="confirmed"),
        Go("ben", "submit", 8),
        No("boss", "pass_on", 9, "missing", "共同制定的处理方案"),
        Go("boss", "pass_on", 9, {"solution": "由开发单位加宽", "vendor_no": "V-9"}, to="vendor"),
        Go("ann", "fix", 10, {"fixed_version": "2.3.1"}),
        Go("ann", "not_fixed", 11, {"why": "仍超时"}, to="vendor"),
        Go("ann", "fix", 12, {"fixed_version": "2.3.2"}),
        No("ann", "verify", 13, "missing", "验证结果"),
        Go("ann", "verify", 13, {"verification": "通过"}, to="closed"),
        Go("ann", "reopen", 14, {"why": "复现"}, to="working"),
        No("ben", "confirm", 15, "not_yet", "告知临时办法", {"analysis": "又"}),  # 重开后重新告知
        Go("ben", "reject", 15, {"analysis": "操作问题"}),
    ), "closed"),
    Walk("不作修改", "problem", "ann", ERROR, (
        Go("ann", "accept", 1),
        Go("ann", "give_workaround", 2, WAY),
        Go("ben", "confirm", 3, {"analysis": "字段短"}),
        Go("lead", "submit", 4),
        No("lead", "decline", 5, "no_role", "权限", {"solution": "不改"}),
        Go("boss", "decline", 5, {"solution": "随新版替换，维持临时办法"}),
    ), "closed"),
    Walk("撤销", "problem", "ann", ERROR, (Go("lead", "cancel", 1, {"why": "重复"}),), "cancelled"),
)  # fmt: skip

GRIEVANCE = {
    "title": "热线无人接",
    "description": "上午两次",
    "requester": "李",
    "contact": "139",
    "channel": "phone",
}

COMPLAINT = (
    Walk("投诉", "complaint", "max", GRIEVANCE, (
        No("ann", "cancel", 1, "no_role", "权限", {"why": "无"}),  # 被投诉的一方不能撤销
        Go("lead", "accept", 1),
        Go("ann", "wait", 2, VENDOR),
        Go("ann", "continue", 3),
        No("lead", "verify", 4, "no_role", "权限", {"is_true": False, "finding": "无"}),  # 由局方核实
        No("max", "verify", 4, "same_person", "发起的人", {"is_true": True, "finding": "属实"}),
        Go("boss", "verify", 4, {"is_true": True, "finding": "属实"}),
        No("lead", "answer", 5, "missing", "答复内容", {"satisfied": "none"}),
        Go("lead", "answer", 5, {"answer": "已整改", "satisfied": "refuse"}, to="closed"),
        Go("boss", "reopen", 6, {"why": "投诉人不认可"}),
        Go("boss", "verify", 7, {"is_true": True, "finding": "属实"}),
        Go("lead", "answer", 8, {"answer": "已换人", "satisfied": "accept"}),
    ), "closed"),
    Walk("撤销投诉", "complaint", "officer", GRIEVANCE, (Go("boss", "cancel", 1, {"why": "投诉人撤回"}),), "cancelled"),
)  # fmt: skip

WALKS = (*REQUEST, *INCIDENT, *MAJOR, *PROBLEM, *COMPLAINT)
