"""Kind `manual` (人工检查): a person looks and answers; the platform asks and reminds."""

from __future__ import annotations

from .declaration import Fact, Kind, Param, ParamType, Where

KIND = Kind(
    name="manual",
    title="人工检查",
    help="由人查看并填写结论，例如画面是否模糊、机房有无异味；平台按间隔提醒，逾期未填算未知。",
    target_label="检查内容",
    target_help="例如 一号厅摄像头画面。",
    params=(
        Param("steps", "怎么查", ParamType.LINES, help="写给检查人看的步骤与标准。"),
        Param(
            "every_s", "间隔秒数", ParamType.INTEGER, 86400, least=600, most=366 * 86400, help="多久查一次。"
        ),
        Param("grace_s", "宽限秒数", ParamType.INTEGER, 14400, least=0, most=31 * 86400),
        Param("unit", "读数的单位", help="需要填读数时写，例如 ℃；留空只填结论。"),
        Param("needs_photo", "须附照片", ParamType.BOOLEAN, False),
    ),
    facts=(
        Fact("answer", "结论：ok 正常、bad 异常、na 不适用"),
        Fact("value", "读数（须填读数的单位）"),
        Fact("age_s", "距上次填写的时间", "秒"),
        Fact("late_s", "超过间隔与宽限的时间", "秒"),
        Fact("by", "填写人"),
    ),
    conditions=('answer != "bad"', "late_s <= 0"),
    where=Where.CENTRE,
)
