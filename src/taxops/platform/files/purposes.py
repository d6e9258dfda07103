"""What files are stored for (文件用途), and what each use accepts; rooms declare their own at import."""

from __future__ import annotations

from dataclasses import dataclass

from taxops.engines.base import Registry

MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Purpose:
    """A use of files (用途).

    Args:
        code: what is stored in the row.
        label: Chinese name.
        max_bytes: the largest file of this use.
        accepts: media types allowed, empty for any that is not active; `"text/"` allows all that begin so.
        allows_active: whether HTML, SVG and scripts may be stored (they are never shown in the page).
        permission: who holds it at the file's organisation may open it, besides its uploader.
    """

    code: str
    label: str
    max_bytes: int = 20 * MEBI
    accepts: tuple[str, ...] = ()
    allows_active: bool = False
    permission: str = ""


_purposes: Registry[Purpose] = Registry("文件用途")


def declare(purpose: Purpose) -> Purpose:
    """Make a use known; declaring the same twice is harmless.

    Raises:
        ValueError: the code stands for something else already.
    """
    if purpose.code in _purposes and _purposes.get(purpose.code) == purpose:
        return purpose
    return _purposes.add(purpose.code, purpose)


def get(code: str) -> Purpose:
    """Return the use with this code.

    Raises:
        NotFound: nobody declared it.
    """
    return _purposes.get(code)


def list_all() -> list[Purpose]:
    """Return all uses, in the order of declaration."""
    return [purpose for _, purpose in _purposes.items()]


_TABLES = (
    "text/csv",
    "text/plain",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.ms-excel",
)
ATTACHMENT = declare(Purpose("attachment", "附件"))
IMPORT = declare(Purpose("import", "导入文件", 10 * MEBI, _TABLES))
EXPORT = declare(Purpose("export", "导出文件", 200 * MEBI))
EVIDENCE = declare(Purpose("evidence", "证据材料", 100 * MEBI))
