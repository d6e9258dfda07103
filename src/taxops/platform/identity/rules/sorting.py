"""Sort keys (拼音排序键): names in the order of their sounds, the same on every database.

A database's own Chinese collation reads 长春 as zhǎng; and PostgreSQL's rules differ from SQLite's.
The key is plain lower-case letters and digits, each syllable closed by its tone, so any collation agrees.
"""

from __future__ import annotations

import re

_SURNAMES = {
    "万俟": "mo4qi2",
    "尉迟": "yu4chi2",
    "单": "shan4",
    "曾": "zeng1",
    "解": "xie4",
    "仇": "qiu2",
    "查": "zha1",
    "朴": "piao2",
    "区": "ou1",
    "任": "ren2",
    "华": "hua4",
    "燕": "yan1",
    "翟": "zhai2",
    "宁": "ning4",
    "乐": "yue4",
    "缪": "miao4",
    "盖": "ge3",
    "员": "yun4",
    "种": "chong2",
    "覃": "qin2",
    "冼": "xian3",
    "纪": "ji3",
}
"""Surnames that sound unlike the word; 覃 as it is said in Guangxi."""


_PLACES = {
    "长春": "chang2 chun1",
    "长岭": "chang2 ling3",
    "长白": "chang2 bai2",
    "珲春": "hun2 chun1",
    "都安": "du1 an1",
    "覃塘": "qin2 tang2",
    "单县": "shan4 xian4",
    "朝阳": "chao2 yang2",
    "六安": "lu4 an1",
    "六枝": "lu4 zhi1",
    "蚌埠": "beng4 bu4",
    "东阿": "dong1 e1",
    "枞阳": "zong1 yang2",
    "台州": "tai1 zhou1",
    "丽水": "li2 shui3",
}
"""Places that a dictionary of words reads wrongly."""

_AUTHORITY = "国家税务总局"
"""Begins the full name of every tax authority; what follows is what tells them apart."""

# After the name of an authority a 长 begins the next place (总局长春, 省长岭): it is not the head of the
# office (局长, 省长). At the beginning of a place it is cháng, but for 长子.
_SPECIAL = re.compile("|".join(_PLACES) + "|(?:^|(?<=[省市州区县局所厅旗盟镇乡村路街]))长(?!子)")


def name_key(text: str) -> str:
    """Return the key by which a name sorts and, behind it, the spellings by which it is searched.

    >>> name_key("国家税务总局长春市税务局")
    'chang2chun1shi4shui4wu4ju2 changchunshishuiwuju ccsswj'
    >>> name_key("第2分局")
    'di4002fen1ju2 di002fenju d0fj'
    """
    text = text.strip()
    if text.startswith(_AUTHORITY) and len(text) > len(_AUTHORITY):
        text = text.removeprefix(_AUTHORITY)
    found: list[str] = []
    end = 0
    for special in _SPECIAL.finditer(text):
        found += _syllables(text[end : special.start()])
        found += _PLACES.get(special[0], "chang2").split()
        end = special.end()
    return _key([*found, *_syllables(text[end:])], 400)


def person_key(name: str) -> str:
    """Return the key by which a person sorts; surnames are said as surnames.

    >>> person_key("覃大海"), person_key("尉迟雄")
    ('qin2da4hai3 qindahai qdh', 'yu4chi2xiong2 yuchixiong ycx')
    """
    name = name.strip()
    for surname, sound in _SURNAMES.items():
        if name.startswith(surname):
            said = re.findall(r"[a-z]+[1-5]", sound)
            return _key([*said, *_syllables(name[len(surname) :])], 160)
    return _key(_syllables(name), 160)


def _syllables(text: str) -> list[str]:
    from pypinyin import Style, lazy_pinyin  # half of a process's start if it were at the top; rarely needed

    return [
        part
        for part in lazy_pinyin(
            text.strip(), style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False, errors=_plain
        )
        if part
    ]


def _key(syllables: list[str], size: int) -> str:
    """Return sounds with tones, sounds without, and initials, within `size` characters in all."""
    toned = "".join(syllables)[: size * 6 // 10]
    plain = "".join(s.rstrip("12345") if s[0].isalpha() else s for s in syllables)[: size * 28 // 100]
    initials = "".join(s[0] for s in syllables)[: size * 10 // 100]
    return f"{toned} {plain} {initials}".strip()


def _plain(text: str) -> str:
    """Return what is not Chinese as lower-case letters and digits; numbers in equal width, so 2 < 10."""
    kept = re.sub(r"[^0-9a-z]+", "", text.lower())
    return re.sub(r"\d+", lambda number: number[0].zfill(3), kept)
