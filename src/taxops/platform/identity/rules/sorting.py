"""Sort keys (拼音排序键): names in the order of their sounds, the same on every database.

A database's own Chinese collation reads 长春 as zhǎng; and PostgreSQL's rules differ from SQLite's.
The key is plain lower-case letters and digits, each syllable closed by its tone, so any collation agrees.
"""

from __future__ import annotations

import re

from pypinyin import Style, lazy_pinyin

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


def name_key(text: str) -> str:
    """Return the key by which a name sorts.

    >>> name_key("长春市"), name_key("重庆"), name_key("第2分局")
    ('chang2chun1shi4', 'chong2qing4', 'di4002fen1ju2')
    """
    parts = lazy_pinyin(text.strip(), style=Style.TONE3, neutral_tone_with_five=True, errors=_plain)
    return "".join(parts)[:400]


def _plain(text: str) -> str:
    """Return what is not Chinese as lower-case letters and digits; numbers in equal width, so 2 < 10."""
    kept = re.sub(r"[^0-9a-z]+", "", text.lower())
    return re.sub(r"\d+", lambda number: number[0].zfill(3), kept)


def person_key(name: str) -> str:
    """Return the key by which a person sorts; surnames are said as surnames.

    >>> person_key("覃大海"), person_key("单雄")
    ('qin2da4hai3', 'shan4xiong2')
    """
    name = name.strip()
    for surname, sound in _SURNAMES.items():
        if name.startswith(surname):
            return (sound + name_key(name[len(surname) :]))[:160]
    return name_key(name)[:160]
