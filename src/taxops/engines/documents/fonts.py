"""The fonts of reports (字体): files of a wheel for what is embedded, names of the bureau's own for Word.

仿宋_GB2312 and 方正小标宋 are not free: a Word file names them and the bureau's desks have them; a PDF embeds
Noto Serif SC and Noto Sans SC (SIL Open Font Licence).
"""

from __future__ import annotations

SANS = "Noto Sans SC"
SERIF = "Noto Serif SC"
WORD_TITLE = "方正小标宋简体"
WORD_HEADING = "黑体"
WORD_SECOND = "楷体_GB2312"
WORD_BODY = "仿宋_GB2312"
WORD_LATIN = "Times New Roman"


def files() -> list[str]:
    """Return the paths of the embedded fonts."""
    import pylopdf_fonts_zh_cn as fonts

    return [str(fonts.sans_path()), str(fonts.serif_path())]
