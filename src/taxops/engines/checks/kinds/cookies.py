"""Cookies of one flow (会话 Cookie): kept for their host and path, gone when the flow ends."""

from __future__ import annotations

from dataclasses import dataclass

from taxops.engines.checks.wire import Url

_MOST = 200


@dataclass(frozen=True, slots=True)
class _Cookie:
    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool


class Jar:
    """The cookies that a flow has been given so far."""

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], _Cookie] = {}

    def store(self, url: Url, lines: str) -> None:
        """Take the `Set-Cookie` lines of an answer, one to a line."""
        for line in lines.splitlines():
            self._store_one(url, line)

    def _store_one(self, url: Url, line: str) -> None:
        first, *rest = line.split(";")
        name, equals, value = first.strip().partition("=")
        if not equals or not name or len(self._cookies) >= _MOST:
            return
        options = {k.strip().lower(): v.strip() for k, _, v in (part.partition("=") for part in rest)}
        domain = options.get("domain", "").lstrip(".").lower()
        if domain and url.host.lower() != domain and not url.host.lower().endswith("." + domain):
            return  # a cookie for somebody else
        path = options.get("path", "")
        if not path.startswith("/"):
            path = url.target.split("?", 1)[0].rsplit("/", 1)[0] or "/"
        key = (domain or url.host.lower(), path, name)
        if options.get("max-age", "").lstrip("-").isdecimal() and int(options["max-age"]) <= 0:
            self._cookies.pop(key, None)
            return
        self._cookies[key] = _Cookie(
            name, value.strip(), domain or url.host.lower(), not domain, path, "secure" in options
        )

    def header(self, url: Url) -> str:
        """Return the value of the `Cookie` header for an address; empty when none fits."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._fitting(url))

    def values(self) -> dict[str, str]:
        """Return all cookies by name."""
        return {cookie.name: cookie.value for cookie in self._cookies.values()}

    def _fitting(self, url: Url) -> list[_Cookie]:
        host, path = url.host.lower(), url.target.split("?", 1)[0]
        found = []
        for cookie in self._cookies.values():
            fits_host = host == cookie.domain or (not cookie.host_only and host.endswith("." + cookie.domain))
            fits_path = path == cookie.path or path.startswith(cookie.path.rstrip("/") + "/")
            if fits_host and fits_path and (url.secure or not cookie.secure):
                found.append(cookie)
        return sorted(found, key=lambda cookie: -len(cookie.path))
