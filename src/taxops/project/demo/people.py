"""The demonstration's people (人员): one account for each role by one click, and the managers of the halls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from taxops.project.demo import province

DEFAULT_PASSWORD = "Taxops-Demo-2026"  # noqa: S105  # printed on the console and on the login page
PROBER = "prober"


@dataclass(frozen=True, slots=True)
class Account:
    """One invented person (演示账户).

    Args:
        username: what is typed at login.
        name: invented.
        role: code of the role held.
        org: code of the organisation where the person sits and the role holds.
        title: post (职务).
        phone: invented, in a range that is nobody's.
        one_click: offered on the demonstration's login page.
    """

    username: str
    name: str
    role: str
    org: str
    title: str
    phone: str
    one_click: bool = True


_CHANGCHUN = province.authority("220100")
_NANGUAN = province.authority("220102")
_YANBIAN = province.authority("222400")
_NANGUAN_HALL = province.hall_of(_NANGUAN)

# username, name, role, org, title
_BY_ROLE = (
    ("engineer", "林晓岩", "onsite_engineer", province.PROVINCE, "驻场运维工程师"),
    ("expert", "高文渊", "second_line", province.PROVINCE, "二线专家"),
    ("manager", "赵启明", "ops_manager", province.PROVINCE, "运维项目经理"),
    ("bureau", "孙立新", "bureau_admin", province.PROVINCE, "信息中心系统管理员"),
    ("yanbian", "朴正浩", "bureau_admin", _YANBIAN, "延边州局系统管理员"),
    ("sysadmin", "周建民", "system_admin", province.PROVINCE, "系统管理员"),
    ("secadmin", "吴静仪", "security_admin", province.PROVINCE, "安全管理员"),
    ("auditor", "郑守正", "audit_admin", province.PROVINCE, "审计管理员"),
    ("quality", "何雨辰", "quality_officer", province.PROVINCE, "征管质量岗"),
    ("risk", "罗安平", "risk_officer", province.PROVINCE, "风险管理岗"),
    ("hall", "宋春梅", "hall_manager", _NANGUAN_HALL, "办税服务厅主任"),
    ("window", "许小满", "window_officer", _NANGUAN_HALL, "窗口人员"),
    ("hotline", "唐一鸣", "hotline_agent", province.PROVINCE, "12366 坐席"),
    ("viewer", "冯知远", "viewer", _CHANGCHUN, "观察员"),
    ("nanguan", "沈知秋", "quality_officer", _NANGUAN, "南关区局征管质量岗"),
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜"
_GIVEN = [
    "宇轩", "思远", "若溪", "景行", "嘉禾", "明哲", "清扬", "书瑶", "承志", "安宁",
    "子墨", "雪松", "海涛", "晓峰", "春华", "秋实", "建业", "文博", "丽娟", "红霞",
    "志强", "国栋", "桂兰", "玉洁", "长河", "立群", "永康", "佳音", "学民", "冬梅",
]  # fmt: skip


def phone(number: int) -> str:
    """Return an invented phone number; the range 1990000 is nobody's."""
    return f"1990000{number:04d}"


def accounts() -> tuple[Account, ...]:
    """Return the accounts that are offered by one click, one a role, one of a single 州 and one of a single county."""
    return tuple(
        Account(username, name, role, org, title, phone(number))
        for number, (username, name, role, org, title) in enumerate(_BY_ROLE, start=1)
    )


def hall_managers() -> Iterator[Account]:
    """Yield the manager of every county's main hall; they hold their role, but no password."""
    number = 0
    for _, _, counties in province.CITIES:
        for county, name in counties:
            number += 1
            code = province.hall_of(province.authority(county))
            if code == _NANGUAN_HALL:
                continue  # held by the account `hall`
            person = _SURNAMES[number * 7 % len(_SURNAMES)] + _GIVEN[number * 11 % len(_GIVEN)]
            yield Account(
                f"hall-{county}",
                person,
                "hall_manager",
                code,
                f"{name}办税服务厅主任",
                phone(100 + number),
                False,
            )
