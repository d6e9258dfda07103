"""Kind `heartbeat` (心跳): a job reports that it ran; the centre judges by schedule and grace."""

from __future__ import annotations

from .declaration import Fact, Kind, Param, ParamType, Where

KIND = Kind(
    name="heartbeat",
    title="心跳",
    help="由自动任务自己上报（每次运行后请求平台给出的地址）；平台按计划与宽限时间判断是否漏跑。",
    target_label="任务名称",
    target_help="例如 夜间数据同步。",
    params=(
        Param("cron", "计划", help="五段式 cron，例如 0 2 * * *；与「间隔」二选一。"),
        Param(
            "every_s",
            "间隔秒数",
            ParamType.INTEGER,
            least=10,
            most=31 * 86400,
            help="两次上报之间最长多少秒。",
        ),
        Param(
            "grace_s",
            "宽限秒数",
            ParamType.INTEGER,
            300,
            least=0,
            most=7 * 86400,
            help="超过计划时间多久算漏跑。",
        ),
        Param(
            "most_run_s",
            "最长运行秒数",
            ParamType.INTEGER,
            least=1,
            most=7 * 86400,
            help="上报开始后多久没有结束算异常。",
        ),
    ),
    facts=(
        Fact("age_s", "距上次上报的时间", "秒"),
        Fact("late_s", "超过计划与宽限的时间", "秒"),
        Fact("exit_code", "上次上报的退出码"),
        Fact("run_s", "上次运行时长", "秒"),
    ),
    conditions=("late_s <= 0", "exit_code == 0 or not exists(exit_code)"),
    where=Where.CENTRE,
)
