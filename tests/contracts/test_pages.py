"""Every page of every manifest: who may see it, what a neighbour sees, bad input, query count, HTML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from taxops.platform.identity.models import OrgUnit, Person, Role
from taxops.project.assemble import manifests
from taxops.web.kit import DetailPage, FormPage, ImportPage, ListPage, Page
from tests import factories
from tests.contracts.html import problems
from tests.contracts.samples import World, rows_of, sample_of

EVERY: list[type[Page]] = [page for manifest in manifests() for page in manifest.pages]
"""All pages there are; those without their sample fail one test that says so, and wait with the rest."""

WITH_ARGUMENTS = [p for p in EVERY if "<" in p.path and sample_of(p.name)]
PAGES = [p for p in EVERY if "<" not in p.path or sample_of(p.name)]
LISTS = [p for p in PAGES if issubclass(p, ListPage) and rows_of(p.name)]
DETAILS = [p for p in PAGES if issubclass(p, DetailPage)]
FORMS = [p for p in PAGES if issubclass(p, FormPage | ImportPage)]
PROTECTED = [p for p in PAGES if not p.public]
ADMINISTRATORS = ("system_admin", "security_admin", "audit_admin")
WHERE = "请在 tests/contracts/samples/<房间>.py 中补上：见 tests/contracts/samples/__init__.py"

Browse = Callable[[Person], Client]


def named(page: type[Page]) -> str:
    return page.name


def kwargs_of(page: type[Page], world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Return arguments for the page's address, making what it shows at `org`."""
    if "<" not in page.path:
        return {}
    sample = sample_of(page.name)
    assert sample is not None
    return sample.make(world, org)


def address(page: type[Page], world: World, org: OrgUnit) -> str:
    sample = sample_of(page.name)
    return reverse(page.name, kwargs=kwargs_of(page, world, org) or None) + (sample.query if sample else "")


def reader_of(page: type[Page], world: World) -> Person:
    """Return somebody who may see this page in the home county, and nothing else."""
    sample, listed = sample_of(page.name), rows_of(page.name)
    extra = [*(sample.extra if sample else ()), *(listed.extra if listed else ())]
    needed = [*([page.permission] if page.permission else []), *extra]
    world.reader = factories.person("reader", world.home, permissions=needed)
    return world.reader


def test_names_and_paths_are_unique() -> None:
    for what in ("name", "path"):
        values = [getattr(p, what) for p in EVERY]
        assert len(set(values)) == len(values), sorted(v for v in values if values.count(v) > 1)


@pytest.mark.parametrize("page", EVERY, ids=named)
def test_page_has_its_sample(page: type[Page]) -> None:
    if "<" in page.path:
        assert sample_of(page.name) is not None, f"页面 {page.name} 没有样例。{WHERE}"
    if issubclass(page, ListPage):
        assert rows_of(page.name) is not None, f"列表 {page.name} 没有样例行。{WHERE}"


@pytest.mark.parametrize("page", EVERY, ids=named)
def test_page_says_what_it_is(page: type[Page]) -> None:
    from taxops.platform.identity import permissions

    assert page.title, "没有标题"
    assert page.__doc__, "没有说明"
    if page.permission:
        assert page.permission in {p.code for p in permissions.all()}, f"权限 {page.permission} 没有声明"
    if page.parent:
        assert page.parent in Page.registry, f"上级页面 {page.parent} 不存在"


@pytest.mark.django_db
@pytest.mark.same_everywhere
@pytest.mark.parametrize("page", PROTECTED, ids=named)
def test_anonymous_is_sent_to_log_in(page: type[Page], world: World) -> None:
    answer = Client(raise_request_exception=False).get(address(page, world, world.home))
    assert answer.status_code == 302, answer.status_code
    assert answer["Location"].startswith("/login/?next=")


@pytest.mark.django_db
@pytest.mark.same_everywhere
@pytest.mark.parametrize("page", PROTECTED, ids=named)
def test_anonymous_post_changes_nothing(page: type[Page], world: World) -> None:
    answer = Client(raise_request_exception=False).post(address(page, world, world.home))
    assert answer.status_code in {302, 403}


@pytest.mark.django_db
@pytest.mark.same_everywhere
@pytest.mark.parametrize("page", [p for p in PROTECTED if p.permission], ids=named)
def test_without_permission_it_is_refused(page: type[Page], world: World, browse: Browse) -> None:
    client = browse(factories.person("nobody", world.home))
    url = address(page, world, world.home)
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 403, answer.status_code
        assert "权限" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", PAGES, ids=named)
def test_page_opens_and_its_html_is_sound(page: type[Page], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    answer = client.get(address(page, world, world.home))
    if answer.status_code == 302:
        return  # a page that leads on, such as the log-in page of somebody logged in
    assert answer.status_code in {200, 405}, answer.content.decode()[:2000]
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        assert problems(answer.content.decode()) == []
        assert "Content-Security-Policy" in answer


@pytest.mark.django_db
@pytest.mark.parametrize("page", WITH_ARGUMENTS, ids=named)
def test_neighbour_is_told_there_is_nothing(page: type[Page], world: World, browse: Browse) -> None:
    sample = sample_of(page.name)
    assert sample is not None
    if sample.shared or page.public:
        return  # belongs to nobody's area; the sample says why
    client = browse(reader_of(page, world))
    url = address(page, world, world.neighbour)
    for answer in (client.get(url), client.post(url, {"confirmed": "1"})):
        assert answer.status_code in {404, 405}, f"邻县看到了 {page.name}：{answer.status_code}"


@pytest.mark.django_db
@pytest.mark.parametrize("page", WITH_ARGUMENTS, ids=named)
def test_argument_that_leads_nowhere_is_404(page: type[Page], world: World, browse: Browse) -> None:
    if page.public:
        return
    client = browse(reader_of(page, world))
    kwargs = {
        name: 987_654_321 if isinstance(value, int) else f"{value}zz"
        for name, value in kwargs_of(page, world, world.home).items()
    }
    assert client.get(reverse(page.name, kwargs=kwargs)).status_code in {404, 405}


@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_list_shows_own_rows_and_no_neighbours(page: type[ListPage], world: World, browse: Browse) -> None:
    listed = rows_of(page.name)
    assert listed is not None
    reader = reader_of(page, world)
    listed.make(world, world.home, 2)
    listed.make(world, world.neighbour, 2)
    scope = factories.scope_of(reader, world.now)
    seen = page().rows(scope, world.now)
    assert seen.count() >= 2, "自己范围内的行没有出现"
    if page.scope_field and not listed.shared:
        paths = list(seen.values_list(page.scope_field, flat=True))
        strangers = [p for p in paths if not str(p).startswith(world.home.path)]
        assert not strangers, f"列表 {page.name} 露出了邻县的行：{strangers}"
    assert browse(reader).get(reverse(page.name)).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_list_asks_the_database_equally_often_for_few_and_many_rows(
    page: type[ListPage], world: World, browse: Browse
) -> None:
    listed = rows_of(page.name)
    assert listed is not None
    client = browse(reader_of(page, world))
    every = ",".join(c.name for c in page.columns)
    url = f"{reverse(page.name)}?cols={every}"
    listed.make(world, world.home, 2)
    client.get(url)  # whatever is cached once is cached now
    counts: list[list[str]] = []
    for more in (0, 12):
        if more:
            listed.make(world, world.units["145011H1"], more)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(url).status_code == 200
        counts.append([q["sql"] for q in asked.captured_queries])
    few, many = counts
    assert len(many) <= len(few), f"查询数随行数增长 {len(few)} → {len(many)}：" + "\n".join(
        many[len(few) :][:5]
    )


@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_empty_list_says_what_to_do(page: type[ListPage], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    text = client.get(reverse(page.name), {"q": "绝不会有的词"}).content.decode()
    if page.search:
        assert "没有符合条件的记录" in text
        assert "清除全部条件" in text
    if not page().rows(factories.scope_of(world.reader, world.now), world.now).exists():  # type: ignore[arg-type]
        assert page.empty in client.get(reverse(page.name)).content.decode()


PART = {"HX-Request": "true", "HX-Target": "list-body"}
"""Asks a list for its rows alone, as its filters do: the frame around them is the same and costs most."""

BAD = [
    "?page=-1&sort=xx&size=7",
    "?page=99999999999999999999",
    "?page=%00&sort=%00&q=%00",
    "?q=" + "长" * 3000,
    "?q=%25_%27%22%3B--%5C",
    "?sort=--name&sort=name__password&cols=nope,,%00",
    "?sort=-pk;drop",
    "?format=exe&part=zz",
    "?part=orgs&text=%00%25&under=zz",
    "?tab=zz&tab=%00",
    "?org=%C2%B2&alert=%C2%B2&page=%C2%B2&copy=%C2%B2&scheme=%C2%B2",  # a digit that is no number
]
BAD_TOGETHER = ["?" + "&".join(one.removeprefix("?") for one in BAD[i::3]) for i in range(3)]
"""For pages that are no list: hardly one of these is theirs, so each request carries several."""

BAD_VALUES = ("%00", "zz%C2%B2", "9999-99-99", "-1", "%F0%9F%92%A9", "0001-01-01", "9" * 30)


@pytest.mark.django_db
@pytest.mark.parametrize("page", PROTECTED, ids=named)
def test_bad_addresses_never_break_a_page(page: type[Page], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    url = address(page, world, world.home).partition("?")[0]
    params = [p for one in getattr(page, "filters", ()) for p in one.params]
    queries = BAD if issubclass(page, ListPage) else BAD_TOGETHER
    queries = queries + ["?" + "&".join(f"{p}={bad}" for p in params) for bad in BAD_VALUES if params]
    for number, query in enumerate(queries):
        partly = issubclass(page, ListPage) and number > 0
        answer = client.get(url + query, headers=PART if partly else None)
        assert answer.status_code < 500, f"{query}：{answer.status_code}"


@pytest.mark.same_everywhere
@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_bad_filter_value_is_named_and_ignored(page: type[ListPage], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    answer = client.get(reverse(page.name), {"page": "zz", "sort": "nope"})
    assert "没有第「zz」页" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_every_column_sorts_both_ways(page: type[ListPage], world: World, browse: Browse) -> None:
    listed = rows_of(page.name)
    assert listed is not None
    client = browse(reader_of(page, world))
    listed.make(world, world.home, 2)
    for column in page.columns:
        if column.order_by:
            for sort in (column.name, f"-{column.name}"):
                answer = client.get(reverse(page.name), {"sort": sort}, headers=PART)
                assert answer.status_code == 200, sort


@pytest.mark.same_everywhere
@pytest.mark.django_db
@pytest.mark.parametrize("page", LISTS, ids=named)
def test_list_exports_and_prints(page: type[ListPage], world: World, browse: Browse) -> None:
    listed = rows_of(page.name)
    assert listed is not None
    client = browse(reader_of(page, world))
    listed.make(world, world.home, 2)
    every = ",".join(c.name for c in page.columns)
    for kind in ("xlsx", "csv"):
        answer = client.get(reverse(page.name), {"format": kind, "cols": every})
        assert answer.status_code == 200
        assert len(b"".join(answer.streaming_content)) > 20  # type: ignore[attr-defined]
    paper = client.get(reverse(page.name), {"format": "print", "cols": every})
    assert paper.status_code == 200
    assert problems(paper.content.decode()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("page", DETAILS, ids=named)
def test_every_tab_opens_alone_and_in_print(page: type[DetailPage], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    url = address(page, world, world.home).partition("?")[0]
    tabs = [t.code for t in page.tabs] + (["history"] if page.audit_kind else [])
    for tab in tabs:
        part = client.get(url, {"tab": tab}, headers={"HX-Request": "true", "HX-Target": "tab"})
        assert part.status_code == 200, tab
        assert problems(part.content.decode(), whole=False) == [], tab
        whole = client.get(url, {"tab": tab, "format": "print"})
        assert problems(whole.content.decode()) == [], tab


@pytest.mark.same_everywhere
@pytest.mark.django_db
@pytest.mark.parametrize("page", FORMS, ids=named)
def test_nonsense_in_a_form_is_refused_in_chinese(page: type[Page], world: World, browse: Browse) -> None:
    client = browse(reader_of(page, world))
    url = address(page, world, world.home)
    fields = getattr(getattr(page, "form", None), "base_fields", {"file": None})
    for value in ("", "\x00", "长" * 5000, "-1", "<script>alert(1)</script>", "9" * 400, "2026-13-45"):
        answer = client.post(url, {**dict.fromkeys(fields, value), "rows": "", "version": value})
        assert answer.status_code < 500, f"{value[:20]!r}：{answer.status_code}"
        text = answer.content.decode()
        assert "<script>alert(1)</script>" not in text
        if answer.status_code in {400, 409, 422}:
            assert re.search(r"[\u4e00-\u9fff]", text)


@pytest.mark.same_everywhere
@pytest.mark.django_db
@pytest.mark.parametrize("code", ADMINISTRATORS)
def test_administrators_see_what_their_role_says_and_no_more(code: str, world: World, browse: Browse) -> None:
    province = world.units["145000"]
    administrator = factories.person(code, province, code)
    held = set(Role.objects.get(code=code).permissions)
    client = browse(administrator)
    world.reader = administrator
    wrong: list[str] = []
    for page in PROTECTED:
        answer = client.get(address(page, world, world.home))
        may = page.permission is None or page.permission in held
        if answer.status_code >= 500 or (answer.status_code == 403) is may:
            wrong.append(
                f"{page.name}: {answer.status_code}，角色{'有' if may else '无'}权限 {page.permission}"
            )
    assert not wrong, wrong


@pytest.mark.same_everywhere
@pytest.mark.django_db
def test_menu_leads_to_pages_that_open(world: World, browse: Browse) -> None:
    for manifest in manifests():
        for item in manifest.menu:
            page = Page.registry.get(item.page)
            assert page is not None, f"菜单「{item.label}」指向不存在的页面 {item.page}"
            assert "<" not in page.path, f"菜单「{item.label}」指向需要参数的页面"
            assert page.permission is None or item.permission == page.permission, (
                f"菜单「{item.label}」的权限 {item.permission} 与页面的 {page.permission} 不同"
            )
