#!/usr/bin/env python3
"""House rules (家规) that no ready-made linter knows. Each has its why; none has an ignore list.

Run by `./run check`; `tests/house/test_house.py` plants one offence per rule and sees each caught.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
Finding = tuple[Path, int, str]

CLOCKS = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "monotonic"), ("time", "monotonic_ns"),
    ("time", "perf_counter"), ("time", "perf_counter_ns"), ("timezone", "now"),
}  # fmt: skip
VAGUE = {"utils", "util", "common", "helpers", "helper", "misc", "manager", "managers", "handler", "handlers"}
SHADOWS = {
    "calendar",
    "queue",
    "types",
    "email",
    "logging",
    "select",
    "token",
    "json",
    "time",
    "io",
    "random",
}
OUTSIDE = re.compile(rb"""(?:src|href|url\(|@import|fetch\()\s*=?\s*["']?\s*(?:https?:)?//(?!127\.0\.0\.1)""")
WORKPLACE = re.compile(
    rb"/work/(?:main|shared|\.library)|\bfiles\.pythonhosted\.org|\bregistry\.npmjs\.org|/root/"
)


@cache
def _parsed(path: Path, _changed_ns: int) -> ast.Module:
    """Read a file once for all rules; `_changed_ns` is its time, so that a file written anew is read anew."""
    return ast.parse(path.read_text(), str(path))


def _modules(root: Path) -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((root / "src").rglob("*.py")):
        if "migrations" not in path.parts and "node_modules" not in path.parts:
            yield path, _parsed(path, path.stat().st_mtime_ns)


def _kept(root: Path) -> list[Path]:
    """Return the files that git keeps or would keep; outside a repository, all of them."""
    if not (root / ".git").exists():
        return sorted(p for p in root.rglob("*") if p.is_file())
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=root, capture_output=True, check=True
    )
    return sorted(root / name.decode() for name in listed.stdout.split(b"\0") if name)


def _is_pure(path: Path) -> bool:
    return "engines" in path.parts or path.name == "rules.py" or "rules" in path.parts


def engines_and_rules_read_no_clock(root: Path) -> Iterator[Finding]:
    """Time is an argument (DESIGN §4.1): otherwise re-computation is not deterministic and tests must sleep."""
    for path, tree in _modules(root):
        if not _is_pure(path):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                owner = node.func.value
                name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
                if (name, node.func.attr) in CLOCKS:
                    yield (
                        path,
                        node.lineno,
                        f"reads a clock ({name}.{node.func.attr}); take `now` as an argument",
                    )


def engines_are_entered_by_the_front_door(root: Path) -> Iterator[Finding]:
    """What is not exported by an engine's `__init__` may change tomorrow."""
    for path, tree in _modules(root):
        parts = path.relative_to(root / "src").with_suffix("").parts
        own = parts[2] if parts[:2] == ("taxops", "engines") and len(parts) > 2 else None
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names = [node.module]
            elif isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            for name in names:
                bits = name.split(".")
                if bits[:2] == ["taxops", "engines"] and len(bits) > 3 and bits[2] != own:
                    yield (
                        path,
                        node.lineno,
                        f"enters an engine by the window ({name}); import from its front door",
                    )


def modules_and_publics_have_docstrings(root: Path) -> Iterator[Finding]:
    """A newcomer reads docstrings first (ruff D1 checks classes and functions; this covers every module)."""
    for path, tree in _modules(root):
        if not ast.get_docstring(tree):
            yield path, 1, "has no module docstring"


def nouns_carry_their_chinese_term(root: Path) -> Iterator[Finding]:
    """Code is read beside Chinese documents: every model says which 术语 it is."""
    for path, tree in _modules(root):
        if path.name != "models.py" and "models" not in path.parts:
            continue
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                text = ast.get_docstring(node) or ""
                if not re.search(r"[\u4e00-\u9fff]", text):
                    yield path, node.lineno, f"{node.name}'s docstring lacks its Chinese term"


def names_are_honest(root: Path) -> Iterator[Finding]:
    """Catch-all rooms attract everything; names of the standard library mislead imports."""
    for path in sorted((root / "src").rglob("*.py")):
        if path.stem in VAGUE or path.parent.name in VAGUE:
            yield path, 1, f"is named `{path.stem}`: say what it holds"
        if path.stem in SHADOWS and "commands" not in path.parts:
            yield path, 1, f"shadows the standard library's `{path.stem}`"


def files_stay_small(root: Path) -> Iterator[Finding]:
    """Past 400 lines a file becomes a folder of the same name (DESIGN §2)."""
    for path, _ in _modules(root):
        count = len(path.read_text().splitlines())
        if count > 400:
            yield path, 400, f"has {count} lines; make it a folder"


def nothing_is_swallowed(root: Path) -> Iterator[Finding]:
    """`except: pass` without a reason hides the one failure that matters."""
    for path, tree in _modules(root):
        lines = path.read_text().splitlines()
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.ExceptHandler)
                and len(node.body) == 1
                and isinstance(node.body[0], ast.Pass)
            ):
                near = "".join(lines[node.lineno - 1 : node.body[0].lineno])
                if "#" not in near:
                    yield path, node.lineno, "swallows an exception without saying why"


def rooms_reach_models_through_services(root: Path) -> Iterator[Finding]:
    """Views, api and jobs parse, call one service and show; a query in a view escapes its scope."""
    shells = {"views", "api", "jobs", "forms", "pages"}
    for path, tree in _modules(root):
        parts = path.relative_to(root / "src" / "taxops").with_suffix("").parts
        if parts[0] not in {"systems", "platform", "web"} or not (
            set(parts[1 if parts[0] == "web" else 2 :]) & shells
        ):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                bits = node.module.split(".")
                imported = {a.name for a in node.names}
                if bits[0] == "django":
                    continue  # `QuerySet` and `Q` are what a declared list page is typed with
                if bits[-1] == "models" or (
                    bits[-1] != "django.db" and "models" in imported and "taxops" in bits[0]
                ):
                    yield path, node.lineno, "reaches models; go through queries or services"


def tests_mirror_source(root: Path) -> Iterator[Finding]:
    """A file without its own tests is where the bug will be: engines, rules and services each have theirs."""
    for path, _ in _modules(root):
        inside = path.relative_to(root / "src" / "taxops")
        if path.stem.startswith("__") or path.stem in {"model", "models", "apps", "ports"}:
            continue
        must = inside.parts[0] == "engines" or path.stem in {"rules", "services", "queries"}
        if not must:
            continue
        mirror = root / "tests" / inside.parent
        own = mirror / f"test_{path.stem}.py"
        covered = own.exists() or any(mirror.glob(f"test_{path.stem}_*.py"))
        if len(inside.parts) > 3 and inside.parts[0] == "engines":  # a file of a module that became a folder
            covered = (
                covered or any(mirror.glob("test_*.py")) or any(mirror.parent.glob(f"test_{mirror.name}*.py"))
            )
        if not covered:
            yield path, 1, f"has no tests at {own.relative_to(root)}"


def nothing_comes_from_outside(root: Path) -> Iterator[Finding]:
    """No outside address at run time (DESIGN §4.9): the bureau's intranet has none."""
    for folder in ("templates", "static/taxops"):
        for path in sorted((root / "src" / "taxops").rglob("*")):
            if folder not in path.as_posix() or not path.is_file() or "vendor" in path.parts:
                continue
            for number, line in enumerate(path.read_bytes().splitlines(), start=1):
                if OUTSIDE.search(line):
                    yield path, number, "loads something from an outside address"


def the_workplace_is_not_named(root: Path) -> Iterator[Finding]:
    """Machine paths and index addresses make a clone depend on where it was written."""
    for path in _kept(root):
        if (
            path.suffix in {".png", ".otf", ".woff2", ".xlsx"}
            or path.name == "house.py"
            or not path.is_file()
        ):
            continue
        for number, line in enumerate(path.read_bytes().splitlines(), start=1):
            if WORKPLACE.search(line):
                yield path, number, "names a machine path or an index address"


def what_belongs_to_a_machine_is_not_kept(root: Path) -> Iterator[Finding]:
    """A database, key or log in the repository is somebody's own, and a key once published is no key."""
    for path in _kept(root):
        if path.suffix in {".db", ".sqlite3", ".key", ".pem", ".log", ".pid"} and path.is_file():
            yield path, 1, "belongs to one machine"


RULES = (
    engines_and_rules_read_no_clock,
    engines_are_entered_by_the_front_door,
    modules_and_publics_have_docstrings,
    nouns_carry_their_chinese_term,
    names_are_honest,
    files_stay_small,
    nothing_is_swallowed,
    rooms_reach_models_through_services,
    tests_mirror_source,
    nothing_comes_from_outside,
    the_workplace_is_not_named,
    what_belongs_to_a_machine_is_not_kept,
)


def main() -> int:
    """Print every finding with its rule's why; exit 1 when there is one."""
    worst = 0
    for rule in RULES:
        found = list(rule(ROOT))
        if not found:
            continue
        worst = 1
        print(f"\n{rule.__name__.replace('_', ' ')}\n  why: {(rule.__doc__ or '').strip()}")
        for path, line, what in found:
            print(f"  {path.relative_to(ROOT)}:{line}: {what}")
    print("house rules: " + ("broken" if worst else f"{len(RULES)} kept"))
    return worst


if __name__ == "__main__":
    sys.exit(main())
