"""The list page, asked through the living list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from taxops.platform.audit.models import AuditEntry
from taxops.platform.identity.models import OrgUnit
from taxops.web.kit import ListPage, TextFilter
from taxops.web.models import ListSetup, SavedView
from tests import factories
from tests.web.kit.conftest import Read

pytestmark = pytest.mark.django_db
URL = "/kit/list/"


def test_filter_names_may_not_clash_with_the_list_s_own() -> None:
    with pytest.raises(TypeError, match="clash"):
        type("Bad", (ListPage,), {"filters": [TextFilter(name="sort", label="坏")]})


def test_filters_narrow_and_show_as_removable_chips(read: Read) -> None:
    text = read(f"{URL}?level=city&q=南江")
    assert "南江市税务局" in text
    assert "北河市税务局" not in text
    assert 'href="?level=city"' in text, "the chip of the search leads to the list without it"
    assert "共 1 条" in text


def test_subtree_filter_takes_everything_below(read: Read, units: dict[str, OrgUnit]) -> None:
    text = read(f"{URL}?org=145010")
    assert "共 5 条" in text
    assert "南江市税务局及下级" in text
    assert "没有代码为「zz」的机构" in read(f"{URL}?org=zz")


def test_organisations_to_choose_from_lie_within_the_scope(units: dict[str, OrgUnit], now: datetime) -> None:
    from taxops.web.kit import orgs

    scope = factories.scope_of(factories.person("li", units["145010"], permissions=["assets.view"]), now)
    found = {u.code for u in orgs.choices(scope, "assets.view", "14")}
    assert "145010" in found
    assert not found & {"145000", "145020", "145021"}


def test_sorting_paging_and_sizes_work_together(read: Read, units: dict[str, OrgUnit]) -> None:
    for number in range(120):
        factories.org(f"99{number:04d}", units["145011"], "hall", name=f"测试厅{number:04d}")
    first = read(f"{URL}?q=测试厅&sort=-code")
    assert "测试厅0119" in first
    assert "测试厅0069" not in first
    last = read(f"{URL}?q=测试厅&sort=-code&page=3")
    assert "测试厅0000" in last
    assert "第 101–120 条" in last
    assert "第 101–120 条" in read(f"{URL}?q=测试厅&page=999"), "beyond the end: the last page"
    assert "第 1–100 条" in read(f"{URL}?q=测试厅&size=100")


def test_long_lists_are_counted_only_so_far(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    from taxops.web.kit.listing import page

    monkeypatch.setattr(page, "COUNT_LIMIT", 5)
    assert "超过 5 条" in read(URL)


def test_partial_answers_only_what_htmx_asked_for(client: Client) -> None:
    body = client.get(
        URL, {"level": "city", "q": ""}, headers={"HX-Request": "true", "HX-Target": "list-body"}
    )
    assert b"<html" not in body.content
    assert b'id="filters"' not in body.content
    assert body["HX-Push-Url"] == f"{URL}?level=city"
    whole = client.get(URL, headers={"HX-Request": "true", "HX-Target": "list"})
    assert b'id="filters"' in whole.content


def test_live_refresh_leaves_the_address_alone(client: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "list-body", "HX-Trigger-Name": "live"}
    assert "HX-Push-Url" not in client.get(URL, headers=headers)


def test_chosen_columns_are_kept_for_the_person(client: Client, read: Read) -> None:
    client.post(
        URL, {"do": "columns", "cols": ["code", "name", "password"], "size": "100", "back": "?level=city"}
    )
    assert ListSetup.objects.get().columns == ["code", "name"]
    text = read(URL)
    assert text.index('data-label="代码"') < text.index('data-label="名称"')
    assert 'data-label="状态"' not in text
    assert 'data-label="状态"' in read(f"{URL}?cols=name,state"), "a shared link wins"
    client.post(URL, {"do": "columns", "reset": "1"})
    assert not ListSetup.objects.exists()


def test_views_are_saved_shared_by_link_and_dropped(client: Client, read: Read) -> None:
    answer = client.post(URL, {"do": "save-view", "label": "市州", "back": "?level=city&junk=1&page=3"})
    assert answer["Location"] == f"{URL}?level=city"
    assert "市州" in read(URL)
    client.post(URL, {"do": "save-view", "label": "市州", "back": "?level=hall"})
    assert SavedView.objects.get().query == "?level=hall"
    refused = client.post(URL, {"do": "save-view", "label": " ", "back": ""})
    assert refused.status_code == 400
    client.post(URL, {"do": "drop-view", "view": str(SavedView.objects.get().pk)})
    assert not SavedView.objects.exists()


def test_nobody_drops_another_s_view(client: Client, units: dict[str, OrgUnit], now: datetime) -> None:
    other = factories.person("li", units["145000"])
    view = SavedView.objects.create(person=other, page="kit-list", label="她的", query="?", created_at=now)
    for text in (str(view.pk), "zz", "9" * 40, "²", ""):
        assert client.post(URL, {"do": "drop-view", "view": text}).status_code == 302
    assert SavedView.objects.count() == 1


def test_export_leaves_a_trace_and_carries_only_matching_rows(client: Client) -> None:
    answer = client.get(URL, {"format": "csv", "level": "city", "cols": "code,name"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert lines == ["代码,名称", "145010,南江市税务局", "145020,北河市税务局"]
    entry = AuditEntry.objects.get(action="list.export")
    assert entry.actor_name == "王建国"
    assert "层级：市州" in str(entry.after)
    assert "filename*=UTF-8''" in answer["Content-Disposition"]


def test_too_many_rows_are_not_exported(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    from taxops.web.pages.kit.lists import KitList

    monkeypatch.setattr(KitList, "export_limit", 3)
    answer = client.get(URL, {"format": "csv"})
    assert answer.status_code == 413
    assert "缩小范围" in answer.content.decode()
    assert not AuditEntry.objects.exists()


def bulk(client: Client, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    return client.post(URL, {"do": "bulk", "action": "pause", "back": "", **fields}, headers=headers)


def test_bulk_asks_first_and_says_to_how_many(client: Client, units: dict[str, OrgUnit]) -> None:
    ids = [str(units["145010"].pk), str(units["145020"].pk)]
    asked = bulk(client, ids=ids).content.decode()
    assert "将暂停 2 项" in asked
    done = bulk(client, ids=ids, confirmed="1")
    assert done.status_code == 302
    assert "已暂停 2 项" in client.get(URL).content.decode()


def test_bulk_asks_in_a_dialog_or_on_a_page_of_its_own(client: Client, units: dict[str, OrgUnit]) -> None:
    """A key pressed before the page's scripts are ready sends the form the old way: still a page, with a way back."""
    ids = [str(units["145010"].pk)]
    part = bulk(client, {"HX-Request": "true"}, ids=ids, back="?level=city").content.decode()
    assert "<html" not in part
    assert "data-close" in part
    whole = bulk(client, ids=ids, back="?level=city").content.decode()
    assert "<html" in whole
    assert f'href="{URL}?level=city">取消' in whole


def test_bulk_on_all_takes_the_filtered_rows_and_is_bound_to_their_number(client: Client) -> None:
    asked = bulk(client, all="1", back="?level=county").content.decode()
    assert "将暂停 4 项" in asked
    assert bulk(client, all="1", back="?level=county", confirmed="1", count="3").status_code == 409
    assert bulk(client, all="1", back="?level=county", confirmed="1", count="4").status_code == 302


def test_bulk_never_widens_when_a_condition_is_lost(client: Client) -> None:
    answer = bulk(client, all="1", back="?level=gone", confirmed="1", count="11")
    assert answer.status_code == 400
    assert "筛选条件已失效" in answer.content.decode()


@pytest.mark.parametrize("ids", [[], ["zz"], ["9" * 40], ["\x00"], ["-1"]])
def test_bulk_refuses_what_is_no_row(client: Client, ids: list[str]) -> None:
    assert bulk(client, ids=ids, confirmed="1").status_code == 400


def test_bulk_refuses_unknown_actions(client: Client) -> None:
    assert client.post(URL, {"do": "bulk", "action": "zz"}).status_code == 400
    assert client.post(URL, {"do": "zz"}).status_code == 400


def test_a_screen_of_two_hundred_rows_costs_as_many_queries_as_one_of_ten(
    client: Client, units: dict[str, OrgUnit]
) -> None:
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for number in range(200):
        factories.org(f"99{number:04d}", units["145011"], "hall")
    with CaptureQueriesContext(connection) as many:
        client.get(f"{URL}?size=200")
    assert len(many) == len(few)
