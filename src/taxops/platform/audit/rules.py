"""What an entry says (审计内容): only what changed, secrets masked, texts that every database can keep."""

from __future__ import annotations

from collections.abc import Mapping

SECRET_WORDS = (
    "password",
    "passwd",
    "token",
    "secret",
    "口令",
    "密码",
    "private_key",
    "authorization",
    "cookie",
)
MASK = "（已隐去）"


def is_secret(key: str) -> bool:
    """Test whether a field of this name holds a secret (敏感字段) that the trail must not show.

    >>> is_secret("new_password"), is_secret("API-Token"), is_secret("name")
    (True, True, False)
    """
    plain = key.lower()
    return any(word in plain for word in SECRET_WORDS)


def masked(value: object, key: str = "") -> object:
    """Return the value with everything below a secret's name masked; that it changed stays visible."""
    if key and is_secret(key) and value not in (None, ""):
        return MASK
    if isinstance(value, Mapping):
        return {str(name): masked(item, str(name)) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def changes(
    before: Mapping[str, object] | None, after: Mapping[str, object] | None
) -> tuple[dict[str, object] | None, dict[str, object] | None]:
    """Return before and after with only the fields that differ (变更字段), secrets masked.

    >>> changes({"a": 1, "b": 2}, {"a": 1, "b": 3})
    ({'b': 2}, {'b': 3})
    >>> changes(None, {"a": 1, "password": "x"})
    (None, {'a': 1, 'password': '（已隐去）'})
    """
    if before is None or after is None:
        return _kept(before, before), _kept(after, after)
    differing = [
        key
        for key in dict.fromkeys([*before, *after])
        if (key in before) != (key in after) or before.get(key) != after.get(key)
    ]
    return _kept(before, differing), _kept(after, differing)


def _kept(
    values: Mapping[str, object] | None, keys: Mapping[str, object] | list[str] | None
) -> dict[str, object] | None:
    if values is None or keys is None:
        return None
    return {str(key): masked(values[key], str(key)) for key in keys if key in values}


def fitting(text: str, size: int) -> str:
    """Return the text without what a database refuses (NUL, lone surrogates), cut to `size`."""
    clean = text.replace("\x00", "␀").encode("utf-8", "backslashreplace").decode("utf-8")
    return clean if len(clean) <= size else clean[: size - 1] + "…"


def seal_text(seq: int, chain_hash: str) -> bytes:
    """Return what a seal signs (封签原文).

    >>> seal_text(7, "ab")
    b'taxops-audit-seal\\n7\\nab'
    """
    return f"taxops-audit-seal\n{seq}\n{chain_hash}".encode()
