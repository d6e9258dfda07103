"""What is true of every page: each check is one sentence, and runs in the world its page's walk has made.

A walk (`test_pages.py`) makes the province, the reader and the page's sample once and takes back after each
check what that check did; so a check may change anything, and none sees another's traces.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from taxops.platform.identity.models import OrgUnit, Person
from taxops.web.kit import DetailPage, FormPage, ImportPage, ListPage, Page
from tests import factories
from tests.contracts.html import problems
from tests.contracts.samples import World, rows_of, sample_of


@contextmanager
def undone() -> Iterator[None]:
    """Take back everything the block did to the database."""
    block: Any = transaction.atomic()
    block._from_testcase = (
        True  # as Django's own test cases say it: the product's outermost block may stand in it
    )
    with block:
        try:
            yield
        finally:
            transaction.set_rollback(True)


@dataclass
class Walk:
    """One page with those who come to see it."""

    page: type[Page]
    world: World
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sample, listed = sample_of(self.page.name), rows_of(self.page.name)
        extra = [*(sample.extra if sample else ()), *(listed.extra if listed else ())]
        needed = [*([self.page.permission] if self.page.permission else []), *extra]
        self.reader = self.world.reader = factories.person("reader", self.world.home, permissions=needed)
        first = Client()
        factories.sign_in(first, self.reader, self.world.now)
        self.ticket = first.cookies[settings.SESSION_COOKIE_NAME].value

    def client(self) -> Client:
        """Return a browser of somebody who may see this page in the home county, and nothing else."""
        client = Client(raise_request_exception=False)
        client.cookies[settings.SESSION_COOKIE_NAME] = self.ticket
        return client

    def other(self, person: Person) -> Client:
        """Return a browser of somebody else."""
        client = Client(raise_request_exception=False)
        factories.sign_in(client, person, self.world.now)
        return client

    def make(self, org: OrgUnit) -> None:
        """Make what the page shows at `org`."""
        self.kwargs = kwargs_of(self.page, self.world, org)

    @property
    def url(self) -> str:
        """Return the page's address with what its sample adds to it."""
        sample = sample_of(self.page.name)
        return self.plain + (sample.query if sample else "")

    @property
    def plain(self) -> str:
        """Return the page's address with nothing behind it."""
        return reverse(self.page.name, kwargs=self.kwargs or None)

    def rows(self, org: OrgUnit, count: int) -> None:
        """Make rows of a list."""
        listed = rows_of(self.page.name)
        assert listed is not None
        listed.make(self.world, org, count)


def kwargs_of(page: type[Page], world: World, org: OrgUnit) -> Mapping[str, Any]:
    """Return arguments for the page's address, making what it shows at `org`."""
    if "<" not in page.path:
        return {}
    sample = sample_of(page.name)
    assert sample is not None
    return sample.make(world, org)


@dataclass(frozen=True)
class Check:
    """One sentence about pages of some sort."""

    body: Callable[[Walk], None]
    meant: Callable[[type[Page]], bool]
    once: bool
    """It cannot depend on the database: walked on one of them only."""


BEFORE: list[Check] = []
"""Checks that begin in the empty province."""
MADE: list[Check] = []
"""Checks that look at what the page's sample made."""
ROWS: list[Check] = []
"""Checks that look at a list with two rows."""


def check(
    stage: list[Check], meant: Callable[[type[Page]], bool], *, once: bool = False
) -> Callable[[Callable[[Walk], None]], Callable[[Walk], None]]:
    """Register a check."""

    def take(body: Callable[[Walk], None]) -> Callable[[Walk], None]:
        stage.append(Check(body, meant, once))
        return body

    return take


def every(page: type[Page]) -> bool:
    return True


def protected(page: type[Page]) -> bool:
    return not page.public


def permitted(page: type[Page]) -> bool:
    return not page.public and page.permission is not None


def with_arguments(page: type[Page]) -> bool:
    return "<" in page.path and not page.public


def is_list(page: type[Page]) -> bool:
    return issubclass(page, ListPage) and rows_of(page.name) is not None


def is_detail(page: type[Page]) -> bool:
    return issubclass(page, DetailPage)


def is_form(page: type[Page]) -> bool:
    return issubclass(page, FormPage | ImportPage)


@check(MADE, protected, once=True)
def anonymous_is_sent_to_log_in(walk: Walk) -> None:
    answer = Client(raise_request_exception=False).get(walk.url)
    assert answer.status_code == 302, answer.status_code
    assert answer["Location"].startswith("/login/?next=")


@check(MADE, protected, once=True)
def anonymous_post_changes_nothing(walk: Walk) -> None:
    answer = Client(raise_request_exception=False).post(walk.url)
    assert answer.status_code in {302, 403}


@check(MADE, permitted, once=True)
def without_permission_it_is_refused(walk: Walk) -> None:
    client = walk.other(factories.person("nobody", walk.world.home))
    for answer in (client.get(walk.url), client.post(walk.url)):
        assert answer.status_code == 403, answer.status_code
        assert "权限" in answer.content.decode()


@check(MADE, every)
def page_opens_and_its_html_is_sound(walk: Walk) -> None:
    answer = walk.client().get(walk.url)
    if answer.status_code == 302:
        return  # a page that leads on, such as the log-in page of somebody logged in
    assert answer.status_code in {200, 405}, answer.content.decode()[:2000]
    if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
        assert problems(answer.content.decode()) == []
        assert "Content-Security-Policy" in answer


@check(BEFORE, with_arguments)
def neighbour_is_told_there_is_nothing(walk: Walk) -> None:
    sample = sample_of(walk.page.name)
    assert sample is not None
    if sample.shared:
        return  # belongs to nobody's area; the sample says why
    walk.make(walk.world.neighbour)
    client = walk.client()
    for answer in (client.get(walk.url), client.post(walk.url, {"confirmed": "1"})):
        assert answer.status_code in {404, 405}, f"邻县看到了 {walk.page.name}：{answer.status_code}"


@check(MADE, with_arguments)
def argument_that_leads_nowhere_is_404(walk: Walk) -> None:
    kwargs = {
        name: 987_654_321 if isinstance(value, int) else f"{value}zz" for name, value in walk.kwargs.items()
    }
    assert walk.client().get(reverse(walk.page.name, kwargs=kwargs)).status_code in {404, 405}


@check(ROWS, is_list)
def list_shows_own_rows_and_no_neighbours(walk: Walk) -> None:
    page, listed = cast(type[ListPage], walk.page), rows_of(walk.page.name)
    assert listed is not None
    walk.rows(walk.world.neighbour, 2)
    seen = page().rows(factories.scope_of(walk.reader, walk.world.now), walk.world.now)
    assert seen.count() >= 2, "自己范围内的行没有出现"
    if page.scope_field and not listed.shared:
        paths = list(seen.values_list(page.scope_field, flat=True))
        strangers = [p for p in paths if not str(p).startswith(walk.world.home.path)]
        assert not strangers, f"列表 {page.name} 露出了邻县的行：{strangers}"
    assert walk.client().get(walk.plain).status_code == 200


@check(ROWS, is_list)
def list_asks_the_database_equally_often_for_few_and_many_rows(walk: Walk) -> None:
    client, page = walk.client(), cast(type[ListPage], walk.page)
    url = f"{walk.plain}?cols={','.join(c.name for c in page.columns)}"
    client.get(url)  # whatever is cached once is cached now
    counts: list[list[str]] = []
    for more in (0, 12):
        if more:
            walk.rows(walk.world.units["145011H1"], more)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url).status_code == 200
        counts.append([q["sql"] for q in asked.captured_queries])
    few, many = counts
    assert len(many) <= len(few), f"查询数随行数增长 {len(few)} → {len(many)}：" + "\n".join(
        many[len(few) :][:5]
    )


@check(BEFORE, is_list)
def empty_list_says_what_to_do(walk: Walk) -> None:
    client, page = walk.client(), cast(type[ListPage], walk.page)
    text = client.get(walk.plain, {"q": "绝不会有的词"}).content.decode()
    if page.search:
        assert "没有符合条件的记录" in text
        assert "清除全部条件" in text
    if not page().rows(factories.scope_of(walk.reader, walk.world.now), walk.world.now).exists():
        assert page.empty in client.get(walk.plain).content.decode()


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


@check(MADE, protected)
def bad_addresses_never_break_a_page(walk: Walk) -> None:
    client, page = walk.client(), walk.page
    params = [p for one in getattr(page, "filters", ()) for p in one.params]
    queries = BAD if issubclass(page, ListPage) else BAD_TOGETHER
    queries = queries + ["?" + "&".join(f"{p}={bad}" for p in params) for bad in BAD_VALUES if params]
    for number, query in enumerate(queries):
        partly = issubclass(page, ListPage) and number > 0
        answer = client.get(walk.plain + query, headers=PART if partly else None)
        assert answer.status_code < 500, f"{query}：{answer.status_code}"


@check(MADE, is_list, once=True)
def bad_filter_value_is_named_and_ignored(walk: Walk) -> None:
    answer = walk.client().get(walk.plain, {"page": "zz", "sort": "nope"})
    assert "没有第「zz」页" in answer.content.decode()


@check(ROWS, is_list)
def every_column_sorts_both_ways(walk: Walk) -> None:
    client = walk.client()
    for column in cast(type[ListPage], walk.page).columns:
        if column.order_by:
            for sort in (column.name, f"-{column.name}"):
                answer = client.get(walk.plain, {"sort": sort}, headers=PART)
                assert answer.status_code == 200, sort


@check(ROWS, is_list, once=True)
def list_exports_and_prints(walk: Walk) -> None:
    client = walk.client()
    columns = ",".join(c.name for c in cast(type[ListPage], walk.page).columns)
    for kind in ("xlsx", "csv"):
        answer: Any = client.get(walk.plain, {"format": kind, "cols": columns})
        assert answer.status_code == 200
        assert len(b"".join(answer.streaming_content)) > 20
    paper = client.get(walk.plain, {"format": "print", "cols": columns})
    assert paper.status_code == 200
    assert problems(paper.content.decode()) == []


@check(MADE, is_detail)
def every_tab_opens_alone_and_in_print(walk: Walk) -> None:
    client, page = walk.client(), cast(type[DetailPage], walk.page)
    tabs = [t.code for t in page.tabs] + (["history"] if page.audit_kind else [])
    for tab in tabs:
        part = client.get(walk.plain, {"tab": tab}, headers={"HX-Request": "true", "HX-Target": "tab"})
        assert part.status_code == 200, tab
        assert problems(part.content.decode(), whole=False) == [], tab
        whole = client.get(walk.plain, {"tab": tab, "format": "print"})
        assert problems(whole.content.decode()) == [], tab


NONSENSE = ("", "\x00", "长" * 5000, "-1", "<script>alert(1)</script>", "9" * 400, "2026-13-45")


@check(MADE, is_form, once=True)
def nonsense_in_a_form_is_refused_in_chinese(walk: Walk) -> None:
    client = walk.client()
    fields = getattr(getattr(walk.page, "form", None), "base_fields", {"file": None})
    for value in NONSENSE:
        answer = client.post(walk.url, {**dict.fromkeys(fields, value), "rows": "", "version": value})
        assert answer.status_code < 500, f"{value[:20]!r}：{answer.status_code}"
        text = answer.content.decode()
        assert "<script>alert(1)</script>" not in text
        if answer.status_code in {400, 409, 422}:
            assert re.search(r"[\u4e00-\u9fff]", text)
