"""Walks of work on the spot and of people: field, relocation, drill, training, exam, personnel."""

from __future__ import annotations

from .kit import Go, No, Reads, Walk, t

DAY = 24 * 60
HALL = {"title": "叫号机不出纸", "description": "换纸无效", "requester": "宋", "contact": "139", "hall": "南关厅",
        "kind": "fault"}  # fmt: skip
PART = {"wait_reason": "wait_spare_part", "wait_evidence": "订单 P-3", "wait_consent": "孙处，电话同意"}
WORK = {"work_done": "换切刀", "parts": "切刀一把"}
SIGNED = {"signed_by": "宋春梅", "satisfied": "good"}
SENT = {"remote_result": "重启无效", "engineer": "王海涛"}

FIELD = (
    Walk("现场服务", "field", "officer", HALL, (
        Go("ann", "accept", 1),
        No("ann", "dispatch", 2, "missing", "远程处理情况", {"engineer": "王海涛"}),
        Go("ann", "dispatch", 2, SENT),
        No("ann", "finish", 3, "state", "已派工", WORK),
        No("ann", "arrive", 3, "missing", "签到位置"),
        Reads("arrive", DAY, DAY * 60),  # 二十四小时内：到点不算超；自然时间，不停表
        Reads("arrive", DAY + 1, (DAY + 1) * 60, over=True),
        Go("ann", "arrive", DAY, {"check_in": "南关厅（43.86, 125.35）"}, to="arrived"),
        Reads("arrive", DAY + 9, DAY * 60, state="stopped"),
        No("ann", "finish", DAY + 5, "attachments", "还缺少 1 份附件", WORK),
        No("ann", "wait_parts", DAY + 6, "condition", "等待备件", {**PART, "wait_reason": "wait_requester"}),
        No("ann", "wait_parts", DAY + 6, "consent", "须经局方同意", {**PART, "wait_consent": ""}),
        Go("ann", "wait_parts", DAY + 10, PART, to="parts"),
        Reads("finish", 2 * DAY, (DAY + 10) * 60, state="paused"),
        Go("ann", "parts_here", 2 * DAY, to="arrived"),
        Go("max", "finish", 2 * DAY + 10, WORK, to="done", files=1),
        Reads("finish", 2 * DAY + 20, (DAY + 20) * 60, state="stopped"),
        No("max", "hall_sign", 2 * DAY + 11, "same_person", "处理完成的人", SIGNED),
        No("ann", "hall_sign", 2 * DAY + 11, "missing", "厅方签字人", {"satisfied": "good"}),
        Go("officer", "return", 2 * DAY + 20, {"why": "又卡纸"}, to="arrived"),
        Go("max", "finish", 2 * DAY + 30, WORK),
        Go("officer", "hall_sign", 2 * DAY + 31, SIGNED),
    ), "closed"),
    Walk("远程解决", "field", "officer", HALL, (
        Go("ann", "accept", 1),
        Go("ann", "wait", 2, PART),
        Go("ann", "continue", 3),
        Go("max", "remote_fixed", 4, {"remote_result": "改配置"}, to="done"),
        No("max", "hall_sign", 5, "same_person", "远程已解决的人", SIGNED),
        Go("officer", "hall_sign", 5, SIGNED),
    ), "closed"),
    Walk("四十八小时", "field", "officer", HALL, (
        Reads("finish", 2 * DAY, 2 * DAY * 60), Reads("finish", 2 * DAY + 1, (2 * DAY + 1) * 60, over=True),
        Go("ann", "cancel", 2 * DAY + 2, {"why": "厅方撤回"}),
    ), "cancelled"),
)  # fmt: skip

MOVE = {"title": "南关厅迁址", "requester": "宋", "contact": "139", "hall": "南关厅", "new_address": "人民大街 1 号",
        "move_on": "2026-07-01"}  # fmt: skip
RULES = {
    "seat": "俯角照射", "line": "连成直线", "guide": "四十五度", "dome": "球机", "pickup": "拾音器",
    "platform": "省局视听安全系统",
}  # fmt: skip
ACCEPT = {"acceptance": list(RULES), "stream": 12, "signed_by": "宋春梅"}
PAID = {"materials": "网线 200 米", "amount_fen": 48000}

RELOCATION = (
    Walk("迁址六条规范", "relocation", "officer", MOVE, (
        No("ann", "survey", 1, "missing", "设备清单", {"survey": "已勘察"}),
        Go("ann", "survey", 1, {"survey": "已勘察", "devices": "十二路"}),
        Go("ann", "remove", 2),
        No("ann", "install", 3, "attachments", "还缺少 1 份附件", {"installation": "已安装"}),
        Go("max", "install", 3, {"installation": "已安装"}, files=1),
        No("max", "accept", 4, "same_person", "安装调试完成的人", ACCEPT),
        *(
            No("officer", "accept", 4, "unchecked", words, {**ACCEPT, "acceptance": [r for r in RULES if r != code]})
            for code, words in RULES.items()
        ),
        No("officer", "accept", 4, "bad_value", "不得小于 1", {**ACCEPT, "stream": 0}),
        Go("officer", "redo", 4, {"why": "拾音有杂音"}, to="removed"),
        Go("max", "install", 5),
        Go("officer", "accept", 6, ACCEPT, to="accepted"),
        No("lead", "settle", 7, "no_role", "权限", PAID),  # 与所在地税务机关结算
        No("boss", "settle", 7, "attachments", "还缺少 1 份附件", PAID),
        Go("boss", "settle", 7, PAID, files=1),
    ), "closed"),
    Walk("撤销迁址", "relocation", "officer", MOVE, (Go("ann", "cancel", 1, {"why": "不迁"}),), "cancelled"),
)  # fmt: skip

DRILL = {"title": "上半年演练", "system": "tysl", "kind": "application", "plan_on": "2026-06-20"}
SCENARIO = {"scenario": "切到灾备", "rto_target_min": 60, "rpo_target_min": 5}
MEASURED = {
    "steps": ["announce", "switch", "verify", "back", "confirm"], "rto_min": 48, "rpo_min": 0, "findings": "脚本缺一步",
}  # fmt: skip

DRILLS = (
    Walk("演练", "drill", "max", DRILL, (
        Go("mia", "plan", 1, SCENARIO),
        No("max", "approve", 2, "same_person", "发起的人"),
        No("mia", "approve", 2, "same_person", "提交方案的人"),
        Go("boss", "approve", 2),
        Go("eve", "start", 3, {"started_at": t(3)}),
        No("eve", "finish", 60, "unchecked", "数据核对一致", {**MEASURED, "steps": MEASURED["steps"][:4]}),
        No("eve", "finish", 60, "bad_value", "不得小于 0", {**MEASURED, "rto_min": -1}),
        Go("mia", "finish", 60, MEASURED, to="done"),
        No("mia", "close", 61, "same_person", "演练结束的人", {"followed": "已补"}),
        No("boss", "close", 61, "missing", "整改情况"),
        Go("boss", "close", 61, {"followed": "已补脚本"}),
    ), "closed"),
    Walk("撤销演练", "drill", "lead", DRILL, (Go("lead", "cancel", 1, {"why": "延期"}),), "cancelled"),
)  # fmt: skip

COURSE = {"title": "新版培训", "description": "新版功能", "audience": "各县局", "plan_on": "2026-06-10"}
AGREED = {"content": "架构与操作", "plan_on": "2026-06-11"}

TRAINING = (
    Walk("培训", "training", "max", COURSE, (
        No("max", "agree", 1, "same_person", "发起的人", AGREED),
        No("ann", "agree", 1, "no_role", "权限", AGREED),
        Go("boss", "agree", 1, AGREED),
        No("ann", "hold", 2, "attachments", "还缺少 1 份附件", {"attendance": 30}),
        Go("ann", "hold", 2, {"attendance": 30}, files=1),
        Go("ann", "close", 3, {"feedback": "好"}),
    ), "closed", cannot_open=("nobody", "boss")),
    Walk("撤销培训", "training", "ann", COURSE, (Go("ann", "cancel", 1, {"why": "改期"}),), "cancelled"),
)  # fmt: skip

TEST = {"title": "上岗测试", "plan_on": "2026-06-10"}

EXAM = (
    Walk("上岗测试", "exam", "boss", TEST, (
        No("lead", "mark", 1, "no_role", "权限", {"examined": 10, "failed": 3}),
        No("boss", "mark", 1, "effect", "不能多于参加人数", {"examined": 10, "failed": 11}),
        Go("boss", "mark", 1, {"examined": 10, "failed": 3}),  # 正好百分之三十，不算超过
        No("boss", "close", 2, "effect", "没有超过百分之30", {"unfit": True}),
        Go("boss", "remark", 2, {"why": "漏一人"}),
        Go("boss", "mark", 3, {"examined": 10, "failed": 4, "names": "四人"}),
        No("boss", "close", 4, "effect", "超过百分之30", {"unfit": False}),
        Go("boss", "close", 4, {"unfit": True}),
    ), "closed", cannot_open=("nobody", "ann")),
    Walk("撤销测试", "exam", "lead", TEST, (Go("boss", "cancel", 1, {"why": "改期"}),), "cancelled"),
)  # fmt: skip

SWAP = {
    "title": "轮换",
    "leaving": "王",
    "leave_on": "2026-06-30",
    "joining": "董",
    "description": "合同到期",
}
ASK = {"qualification": "五年经验", "impact": "无影响"}
WEEK = 7 * DAY

PERSONNEL = (
    Walk("人员变更", "personnel", "lead", SWAP, (
        No("lead", "request", 1, "not_ahead", "应至少提前 1 个月提出，最早为 2026-07-01", ASK),
        Go("max", "request", 1, {**ASK, "leave_on": "2026-07-01"}),
        No("max", "permit", 2, "same_person", "正式申请的人", {"parallel_until": t(WEEK)}),
        No("boss", "permit", 2, "effect", "并行转换期", {"parallel_until": t(1)}),
        Go("boss", "permit", 2, {"parallel_until": t(WEEK)}),
        No("lead", "hand_over", 3, "attachments", "还缺少 1 份附件", {"handover": "清单"}),
        Go("max", "hand_over", 3, {"handover": "清单"}, files=1),
        No("max", "close", WEEK, "same_person", "完成交接的人"),
        No("boss", "close", WEEK - 1, "too_soon", "「并行转换至」未到"),
        Go("boss", "close", WEEK),
    ), "closed", cannot_open=("nobody", "ann", "boss")),
    Walk("不许可", "personnel", "lead", {**SWAP, "leave_on": "2026-08-01"}, (
        Go("lead", "request", 1, ASK), Go("boss", "refuse", 2, {"why": "资质不足"}),
    ), "cancelled"),
    Walk("撤回变更", "personnel", "lead", SWAP, (Go("lead", "withdraw", 1, {"why": "不换了"}),), "cancelled"),
)  # fmt: skip

WALKS = (*FIELD, *RELOCATION, *DRILLS, *TRAINING, *EXAM, *PERSONNEL)
