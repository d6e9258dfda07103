"""What a file is by its bytes, what it may be called, and whether it may be stored. Pure."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from pathlib import PurePath

from taxops.engines.base import BadInput

from .purposes import Purpose

HEAD = 8192
"""How many of the first bytes decide what a file is."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (b"Rar!\x1a\x07", "application/vnd.rar"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"PAR1", "application/vnd.apache.parquet"),
)
_EXECUTABLE: tuple[tuple[bytes, str], ...] = (
    (b"MZ", "application/x-msdownload"),
    (b"\x7fELF", "application/x-executable"),
    (b"\xca\xfe\xba\xbe", "application/java-vm"),
    (b"\xcf\xfa\xed\xfe", "application/x-mach-binary"),
    (b"\xce\xfa\xed\xfe", "application/x-mach-binary"),
    (b"dex\n", "application/x-dex"),
    (b"L\x00\x00\x00\x01\x14\x02\x00", "application/x-ms-shortcut"),
    (b"#!", "text/x-script"),
)
_WEAK = frozenset({b"MZ", b"BM", b"ID3", b"PAR1", b"OggS"})  # a text may begin like this, too
_ZIPPED = (
    ("word/", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("xl/", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("ppt/", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("OFD.xml", "application/ofd"),
    ("META-INF/MANIFEST.MF", "application/java-archive"),
    ("AndroidManifest.xml", "application/vnd.android.package-archive"),
)
_NEVER_BY_NAME = (
    ".exe .dll .com .bat .cmd .ps1 .psm1 .vbs .vbe .js .jse .mjs .wsf .wsh .hta .msi .msp .scr .pif .cpl .jar "
    ".apk .lnk .reg .sh .py .pl .rb .php .jsp .asp .aspx .elf .so .dylib .app .deb .rpm .iso .img "
)
_ACTIVE_BY_NAME = ".html .htm .xhtml .shtml .mht .mhtml .svg .svgz .xml .xsl .xslt "
_ACTIVE = frozenset({"text/html", "image/svg+xml", "application/xhtml+xml"})
_NEVER = frozenset(kind for _, kind in _EXECUTABLE) | {
    "application/java-archive",
    "application/vnd.android.package-archive",
}
_HTML = re.compile(
    rb"<\s*(?:!doctype\s+html|html|head|body|script|iframe|style|title|meta|object|embed|form|img|svg)\b",
    re.IGNORECASE,
)
_SHOWN = frozenset({"application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


def sniff(head: bytes, whole: bytes | None = None) -> str:
    """Return the media type (内容类型) of a file from its bytes, never from its name.

    Args:
        head: the first `HEAD` bytes.
        whole: everything, when it is at hand; needed to look into archives.
    """
    for magic, kind in (*_EXECUTABLE, *_MAGIC):
        if head.startswith(magic) and (b"\0" in head or magic not in _WEAK):
            return kind
    if head[:4] == b"RIFF" and head[8:12] in {b"WEBP", b"WAVE"}:
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[4:8] == b"ftyp":
        return "video/mp4"
    if head.startswith(b"PK\x03\x04"):
        return _zipped(head if whole is None else whole)
    return _texts(head)


def _zipped(content: bytes) -> str:
    """Return what sort of document an archive is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()[:2000]
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return "application/zip"
    for mark, kind in _ZIPPED:
        if any(name.startswith(mark) for name in names):
            return kind
    return "application/zip"


def _texts(head: bytes) -> str:
    """Return which sort of text the bytes are, or that they are none."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    plain = head.replace(b"\0", b"")  # so that UTF-16 hides nothing
    if start[:1] == b"<" or plain.lstrip(b"\xff\xfe\xfe\xff \t\r\n")[:1] == b"<":
        if b"<svg" in plain[:HEAD].lower():
            return "image/svg+xml"
        return "text/html" if _HTML.search(plain) else "application/xml"
    if b"\0" in head and head[:2] not in {b"\xff\xfe", b"\xfe\xff"}:
        return "application/octet-stream"
    text = _decoded(head)
    if text is None:
        return "application/octet-stream"
    if _HTML.search(plain[:1024]):
        return "text/html"
    if start[:1] in {b"{", b"["} and _is_json(text):
        return "application/json"
    first = text.splitlines()[0] if text.strip() else ""
    return "text/csv" if "," in first or "\t" in first else "text/plain"


def _decoded(head: bytes) -> str | None:
    """Return the head as text; a character cut in half at its end does not matter."""
    encodings = ("utf-16",) if head[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        for cut in range(4):
            try:
                text = head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue  # cut one byte more, then try the next encoding
            if not any(ord(char) < 32 and char not in "\t\r\n\f\v\x1b" for char in text):
                return text
    return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return len(text) > HEAD // 4  # cut off, perhaps; it began like JSON
    return True


def safe_name(name: str) -> str:
    """Return a name to keep and to offer for download: no folders, no control or look-alike characters.

    >>> safe_name("C:\\\\目录\\\\巡检 报告.docx"), safe_name("../../etc/passwd"), safe_name("  ")
    ('巡检 报告.docx', 'passwd', '未命名')
    """
    name = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(char for char in name if unicodedata.category(char)[0] not in "CZ" or char == " ")
    name = re.sub(r'[<>:"|?*]', "_", name).strip(" .")
    if len(name) > 120:
        stem, dot, ending = name.rpartition(".")
        name = f"{stem[: 119 - len(ending)]}{dot}{ending}" if dot and len(ending) <= 10 else name[:120]
    return name or "未命名"


def check(name: str, media_type: str, size: int, purpose: Purpose) -> None:
    """Do nothing when the file may be stored for this purpose.

    Raises:
        BadInput: it is empty, a programme, active content, or of a type the purpose does not take.
    """
    if size == 0:
        raise BadInput(f"文件「{name}」是空的，没有保存。", "请检查文件后重新上传。")
    ending = PurePath(name).suffix.lower() + " "
    if media_type in _NEVER or (ending != " " and ending in _NEVER_BY_NAME):
        raise BadInput(f"文件「{name}」是可执行程序或脚本，不能上传。", "如确需交付程序，请走版本发布流程。")
    if not purpose.allows_active and (media_type in _ACTIVE or (ending != " " and ending in _ACTIVE_BY_NAME)):
        raise BadInput(f"文件「{name}」是网页类文件，不能上传。", "请转换为 PDF 或图片后上传。")
    if purpose.accepts and not any(
        media_type == kind or (kind.endswith("/") and media_type.startswith(kind)) for kind in purpose.accepts
    ):
        raise BadInput(
            f"文件「{name}」的类型（{media_type}）不能作为{purpose.label}。",
            f"可以上传的类型：{'、'.join(purpose.accepts)}。",
        )


def may_be_shown(media_type: str) -> bool:
    """Test whether a browser may show the file in place (在线查看) instead of saving it."""
    return media_type in _SHOWN
