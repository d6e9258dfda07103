"""The map of the house (方位): finds rooms, pages, documents, tests and clauses by any word. Reads text only."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent
ROOT = SOURCE.parent.parent


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of docs/requirements.toml (需求条目)."""

    id: str
    system: str
    title: str
    clauses: tuple[str, ...]
    state: str
    module: str = ""
    test: str = ""
    page: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """One row of docs/glossary.md (术语)."""

    english: str
    chinese: str
    place: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Page:
    """A declared page (页面): found in the source, so that no server is needed."""

    title: str
    path: str
    name: str
    source: str


@dataclass(slots=True)
class Answer:
    """What is known of a word (查询结果)."""

    word: str
    terms: list[Term] = field(default_factory=list)
    requirements: list[Requirement] = field(default_factory=list)
    rooms: list[tuple[str, str]] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    docs: list[tuple[str, str]] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.terms or self.requirements or self.rooms or self.pages or self.docs or self.tests)


@cache
def requirements() -> tuple[Requirement, ...]:
    """Return all rows of the requirement table, in its order; none when the documents are not installed."""
    path = ROOT / "docs" / "requirements.toml"
    if not path.exists():
        return ()
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["row"]
    return tuple(Requirement(**{**row, "clauses": tuple(row["clauses"])}) for row in rows)


@cache
def glossary() -> tuple[Term, ...]:
    """Return the rows of the glossary's tables."""
    path = ROOT / "docs" / "glossary.md"
    if not path.exists():
        return ()
    found = re.findall(
        r"^\| ([^|]+?) \| ([^|]+?) \| ([^|]*?) \| ([^|]*?) \|$", path.read_text("utf-8"), re.MULTILINE
    )
    return tuple(Term(*row) for row in found if not set(row[0]) <= {"-", ":"} and row[0] != "term")


@cache
def rooms() -> tuple[tuple[str, str], ...]:
    """Return `(folder, first docstring line)` of every package."""
    found = []
    for path in sorted(SOURCE.rglob("__init__.py")):
        if "migrations" in path.parts:
            continue
        text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found.append((path.parent.relative_to(ROOT).as_posix(), text.split("\n\n")[0].replace("\n", " ")))
    return tuple(found)


def _strings(node: ast.ClassDef) -> dict[str, str]:
    found = {}
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant):
            for target in line.targets:
                if isinstance(target, ast.Name) and isinstance(line.value.value, str):
                    found[target.id] = line.value.value
    return found


@cache
def pages() -> tuple[Page, ...]:
    """Return every page class that declares a title, a path and a name."""
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"views", "pages"} & {path.stem, *path.parts}:
            continue
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                values = _strings(node)
                if {"title", "path", "name"} <= values.keys():
                    source = path.relative_to(ROOT).as_posix()
                    found.append(Page(values["title"], f"/{values['path']}", values["name"], source))
    return tuple(found)


def _documents() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "docs").rglob("*.md")):
        relative = path.relative_to(ROOT).as_posix()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.startswith("#") or (len(line) > 2 and not line.startswith("|")):
                yield f"{relative}:{number}", line.strip("# ")


def _tests_of(places: set[str]) -> list[str]:
    found = []
    for place in sorted(places):
        if not place.startswith("src/taxops/"):
            continue
        mirror = ROOT / "tests" / Path(place).relative_to("src/taxops")
        own = mirror if mirror.is_dir() else mirror.parent / f"test_{mirror.stem}.py"
        if own.exists() and own.relative_to(ROOT).as_posix() != "tests":
            found.append(own.relative_to(ROOT).as_posix())
    return found


def find(word: str) -> Answer:
    """Return everything that mentions a word: a Chinese term, an English one, an id or a clause.

    A term of the glossary also brings what its other language mentions.
    """
    needle = word.strip().lower()
    answer = Answer(word.strip())
    if not needle:
        return answer
    answer.terms = [t for t in glossary() if needle in t.chinese.lower() or needle in t.english.lower()]
    exact = {needle} | {
        x.lower() for t in answer.terms for x in (t.chinese, t.english) if needle == x.lower()
    }

    def says(*texts: str) -> bool:
        return any(n in text.lower() for text in texts for n in exact)

    answer.requirements = [
        r
        for r in requirements()
        if says(r.title, r.note) or needle == r.id.lower() or any(needle == c.lower() for c in r.clauses)
    ]
    answer.rooms = [(place, text) for place, text in rooms() if says(place, text)]
    answer.pages = [p for p in pages() if says(p.title, p.name, p.path)]
    answer.docs = [(place, text) for place, text in _documents() if says(text)][:12]
    places = {place for place, _ in answer.rooms} | {t.place for t in answer.terms if t.place}
    for requirement in answer.requirements:
        places.add(requirement.module or f"src/taxops/systems/{requirement.system}")
        if requirement.test:
            answer.tests.append(requirement.test)
    known = dict(rooms())
    for place in sorted(places - {p for p, _ in answer.rooms}):
        answer.rooms.append((place, known.get(place, "")))
    answer.tests = sorted({*answer.tests, *_tests_of(places)})
    return answer
