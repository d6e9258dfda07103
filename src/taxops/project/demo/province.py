"""The demonstration's province (省): 9 市/州, 60 县/区, 249 分局/所 and 318 办税服务厅, as rows to import.

JL:79 speaks of 318 halls. A tax authority's code is `1`, the division code and four digits; a hall's is
its authority's code and `T` with a number.
"""

from __future__ import annotations

from collections.abc import Iterator

PROVINCE = "12200000000"
FOUNDED = "2018-06-15"
"""The day on which the merged tax authorities opened."""
BRANCHES = 249
HALLS = 318

CITIES: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        "220100",
        "长春市",
        (
            ("220102", "南关区"),
            ("220103", "宽城区"),
            ("220104", "朝阳区"),
            ("220105", "二道区"),
            ("220106", "绿园区"),
            ("220112", "双阳区"),
            ("220113", "九台区"),
            ("220122", "农安县"),
            ("220182", "榆树市"),
            ("220183", "德惠市"),
            ("220184", "公主岭市"),
        ),
    ),
    (
        "220200",
        "吉林市",
        (
            ("220202", "昌邑区"),
            ("220203", "龙潭区"),
            ("220204", "船营区"),
            ("220211", "丰满区"),
            ("220221", "永吉县"),
            ("220281", "蛟河市"),
            ("220282", "桦甸市"),
            ("220283", "舒兰市"),
            ("220284", "磐石市"),
        ),
    ),
    (
        "220300",
        "四平市",
        (
            ("220302", "铁西区"),
            ("220303", "铁东区"),
            ("220322", "梨树县"),
            ("220323", "伊通满族自治县"),
            ("220382", "双辽市"),
        ),
    ),
    (
        "220400",
        "辽源市",
        (("220402", "龙山区"), ("220403", "西安区"), ("220421", "东丰县"), ("220422", "东辽县")),
    ),
    (
        "220500",
        "通化市",
        (
            ("220502", "东昌区"),
            ("220503", "二道江区"),
            ("220521", "通化县"),
            ("220523", "辉南县"),
            ("220524", "柳河县"),
            ("220581", "梅河口市"),
            ("220582", "集安市"),
        ),
    ),
    (
        "220600",
        "白山市",
        (
            ("220602", "浑江区"),
            ("220605", "江源区"),
            ("220621", "抚松县"),
            ("220622", "靖宇县"),
            ("220623", "长白朝鲜族自治县"),
            ("220681", "临江市"),
        ),
    ),
    (
        "220700",
        "松原市",
        (
            ("220702", "宁江区"),
            ("220721", "前郭尔罗斯蒙古族自治县"),
            ("220722", "长岭县"),
            ("220723", "乾安县"),
            ("220781", "扶余市"),
        ),
    ),
    (
        "220800",
        "白城市",
        (
            ("220802", "洮北区"),
            ("220821", "镇赉县"),
            ("220822", "通榆县"),
            ("220881", "洮南市"),
            ("220882", "大安市"),
        ),
    ),
    (
        "222400",
        "延边朝鲜族自治州",
        (
            ("222401", "延吉市"),
            ("222402", "图们市"),
            ("222403", "敦化市"),
            ("222404", "珲春市"),
            ("222405", "龙井市"),
            ("222406", "和龙市"),
            ("222424", "汪清县"),
            ("222426", "安图县"),
        ),
    ),
)
_SHORT = {
    "伊通满族自治县": "伊通县",
    "长白朝鲜族自治县": "长白县",
    "前郭尔罗斯蒙古族自治县": "前郭县",
    "延边朝鲜族自治州": "延边州",
}
_NUMBERS = "一二三四五六七八九十"

Row = dict[str, str]


def authority(division: str) -> str:
    """Return the tax authority's code of a division (税务机关代码)."""
    return f"1{division}0000"


def hall_of(code: str) -> str:
    """Return the code of an authority's hall (办税服务厅)."""
    return f"{code}T01"


def branches_of(place: int) -> int:
    """Return how many branches (分局/所) the county at this place of the list has; 249 in all."""
    return BRANCHES // 60 + (1 if place < BRANCHES % 60 else 0)


def _row(code: str, name: str, level: str, parent: str, short: str = "") -> Row:
    return {
        "机构代码": code,
        "机构名称": name,
        "层级": level,
        "上级代码": parent,
        "成立日期": FOUNDED,
        "简称": short,
    }


def _hall(code: str, owner: str, short: str) -> Row:
    return _row(hall_of(code), f"{owner}办税服务厅", "hall", code, f"{short}办税厅")


def rows() -> Iterator[Row]:
    """Yield every organisation, parents first, with the columns of the organisation import."""
    yield _row(PROVINCE, "国家税务总局吉林省税务局", "province", "", "吉林省局")
    place = 0
    for city, city_name, counties in CITIES:
        city_code, city_short = authority(city), _SHORT.get(city_name, city_name)
        owner = f"国家税务总局{city_name}税务局"
        yield _row(city_code, owner, "city", PROVINCE, f"{city_short}局")
        yield _hall(city_code, owner, city_short)
        for county, name in counties:
            code, short = authority(county), _SHORT.get(name, name)
            # 区 of different cities share names (铁东区, 西安区): the city belongs to the full name
            full = f"{city_short if name.endswith('区') else ''}{name}"
            owner = f"国家税务总局{full}税务局"
            yield _row(code, owner, "county", city_code, f"{short}局")
            yield _hall(code, owner, short)
            for number in range(1, branches_of(place) + 1):
                branch = f"1{county}{number:02d}00"
                title = f"第{_NUMBERS[number - 1]}税务分局"
                yield _row(branch, f"{owner}{title}", "branch", code, f"{short}{title}")
                yield _hall(branch, f"{owner}{title}", f"{short}{title}")
            place += 1
