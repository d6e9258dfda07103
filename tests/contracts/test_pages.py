"""Every page of every manifest: who may see it, what a neighbour sees, bad input, query count, HTML.

What is checked stands in `checks.py`, one sentence each. Here each page is walked once: its world is made once,
and every check begins in it as it was made. `-k <page name>` walks the pages one works on; a check that fails
is reported as a subtest with its own name, and the walk goes on.
"""

from __future__ import annotations

import pytest
from django.db import connection

from taxops.platform.identity.models import Role
from taxops.project.assemble import manifests
from taxops.web.kit import ListPage, Page
from tests import factories
from tests.contracts.checks import BEFORE, MADE, ROWS, Check, Walk, is_list, undone
from tests.contracts.samples import World, rows_of, sample_of

EVERY: list[type[Page]] = [page for manifest in manifests() for page in manifest.pages]
"""All pages there are; those without their sample fail one test that says so, and wait with the rest."""

PAGES = [p for p in EVERY if "<" not in p.path or sample_of(p.name)]
PROTECTED = [p for p in PAGES if not p.public]
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
WHERE = "请在 tests/contracts/samples/<房间>.py 中补上：见 tests/contracts/samples/__init__.py"


def named(page: type[Page]) -> str:
    return page.name


def test_names_and_paths_are_unique() -> None:
    for what in ("name", "path"):
        values = [getattr(p, what) for p in EVERY]
        assert len(set(values)) == len(values), sorted(v for v in values if values.count(v) > 1)


def test_every_page_has_its_sample() -> None:
    lacking = [
        f"页面 {p.name} 没有样例。{WHERE}" for p in EVERY if "<" in p.path and sample_of(p.name) is None
    ]
    lacking += [
        f"列表 {p.name} 没有样例行。{WHERE}"
        for p in EVERY
        if issubclass(p, ListPage) and rows_of(p.name) is None
    ]
    assert not lacking, "\n".join(lacking)


def test_every_page_says_what_it_is() -> None:
    from taxops.platform.identity import permissions

    declared = {p.code for p in permissions.all()}
    for page in EVERY:
        assert page.title, f"{page.name} 没有标题"
        assert page.__doc__, f"{page.name} 没有说明"
        assert page.permission is None or page.permission in declared, f"权限 {page.permission} 没有声明"
        assert not page.parent or page.parent in Page.registry, f"上级页面 {page.parent} 不存在"


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_page_keeps_its_contract(page: type[Page], world: World, subtests: pytest.Subtests) -> None:
    walk = Walk(page, world)

    def go(checks: list[Check]) -> None:
        for one in checks:
            if one.meant(page) and not (one.once and connection.vendor == "postgresql"):
                with subtests.test(one.body.__name__), undone():
                    one.body(walk)

    go(BEFORE)
    with undone():
        walk.make(world.home)
        go(MADE)
    if is_list(page):
        walk.kwargs = {}
        walk.rows(world.home, 2)
        go(ROWS)


@pytest.mark.same_everywhere
@pytest.mark.django_db
def test_administrators_see_what_their_role_says_and_no_more(world: World) -> None:
    province, wrong = world.units["145000"], []
    people = {code: factories.person(code, province, code) for code in ADMINISTRATORS}
    held = {code: set(Role.objects.get(code=code).permissions) for code in ADMINISTRATORS}
    for page in PROTECTED:
        may = [code for code in ADMINISTRATORS if page.permission is None or page.permission in held[code]]
        with undone():
            walk = Walk(page, world)
            # what must be the reader's own belongs to one who may see it: to the others it is not there
            world.reader = people[(may or ADMINISTRATORS)[0]]
            walk.make(world.home)
            for code, person in people.items():
                answer = walk.other(person).get(walk.url)
                if answer.status_code >= 500 or (answer.status_code == 403) is (code in may):
                    has = "有" if code in may else "无"
                    wrong.append(f"{page.name}: {answer.status_code}，{code} {has}权限 {page.permission}")
    assert not wrong, wrong


def test_menu_leads_to_pages_that_open() -> None:
    for manifest in manifests():
        for item in manifest.menu:
            page = Page.registry.get(item.page)
            assert page is not None, f"菜单「{item.label}」指向不存在的页面 {item.page}"
            assert "<" not in page.path, f"菜单「{item.label}」指向需要参数的页面"
            assert page.permission is None or item.permission == page.permission, (
                f"菜单「{item.label}」的权限 {item.permission} 与页面的 {page.permission} 不同"
            )
