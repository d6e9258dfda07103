"""The form page: errors where they belong, confirmation, simultaneous edits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.cache import SessionStore
from django.test import Client, RequestFactory

from taxops.engines.base import BadInput, Conflict, NotFound, RowProblem, Scope
from taxops.web.kit import Done, FormPage

pytestmark = pytest.mark.django_db
URL = "/kit/form/"
GOOD = {"name": "申报接口", "kind": "http", "interval": "60", "level": "1"}


def test_errors_are_summed_up_and_lead_to_their_fields(client: Client) -> None:
    answer = client.post(URL, {"name": "", "interval": "5"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'href="#id_name"' in text
    assert 'id="id_name-error"' in text
    assert re.search(r'name="name"[^>]*aria-invalid="true"', text)
    assert "没有保存" in text


def test_help_error_and_unit_belong_to_the_input(client: Client) -> None:
    text = client.get(URL).content.decode()
    assert 'aria-describedby="id_name-help"' in text
    assert '<span class="tx-unit">秒</span>' in text


def test_saving_is_previewed_then_done(client: Client) -> None:
    asked = client.post(URL, GOOD).content.decode()
    assert "请确认" in asked
    assert "每 60 秒检查一次" in asked
    assert 'name="confirmed" value="1"' in asked
    done = client.post(URL, {**GOOD, "confirmed": "1"})
    assert done["Location"] == "/kit/list/"
    assert "「申报接口」已保存" in client.get("/kit/list/").content.decode()


def test_typed_error_lands_on_its_field(client: Client) -> None:
    answer = client.post(URL, {**GOOD, "name": "重复", "confirmed": "1"})
    assert answer.status_code == 409
    assert re.search(r'id="id_name-error">已经有同名的检查项。 请换一个名称。', answer.content.decode())


def test_link_fills_in_values_of_a_new_thing(client: Client) -> None:
    assert 'value="来自链接"' in client.get(URL, {"name": "来自链接", "zz": "1"}).content.decode()


class Name(forms.Form):
    """One field."""

    name = forms.CharField(label="名称")


class Edit(FormPage):
    """Edits a thing that lives in the test."""

    path = "edit/<int:pk>/"
    title = "编辑"
    public = True
    form = Name
    thing_now = SimpleNamespace(pk=1, name="旧名", revision=1)
    raises: Exception | None = None

    def load(self, scope: Scope, now: datetime, **kwargs: Any) -> Any:
        return self.thing_now if kwargs["pk"] == 1 else None

    def version(self, thing: Any) -> str:
        return str(thing.revision)

    def save(self, scope: Scope, now: datetime, data: Mapping[str, Any], thing: Any) -> Done:
        if self.raises:
            raise self.raises
        thing.name = data["name"]
        thing.revision += 1
        return Done("已保存。", to="/")

    def cancel_url(self) -> str:
        return "/"


@pytest.fixture
def ask(now: datetime) -> Any:
    """Return a function that asks the page directly."""

    def call(
        method: str = "get", data: Mapping[str, str] | None = None, pk: int = 1, raises: Any = None
    ) -> Any:
        request: Any = getattr(RequestFactory(), method)("/edit/1/", data or {})
        request.scope, request.now = Scope(actor_id=1, actor_name="王建国"), now
        request.session = SessionStore()
        request._messages = FallbackStorage(request)
        request.resolver_match = None
        page = type("Edit1", (Edit,), {"raises": raises})
        return page.as_view()(request, pk=pk)

    Edit.thing_now = SimpleNamespace(pk=1, name="旧名", revision=1)
    return call


def version_in(answer: Any) -> str:
    return str(re.search(r'name="version" value="([^"]+)"', answer.content.decode()).group(1))  # type: ignore[union-attr]


def test_edit_starts_from_the_thing_and_saves(ask: Any) -> None:
    opened = ask()
    assert 'value="旧名"' in opened.content.decode()
    assert ask("post", {"name": "新名", "version": version_in(opened)}).status_code == 302
    assert Edit.thing_now.name == "新名"


def test_somebody_else_s_change_is_shown_not_overwritten(ask: Any) -> None:
    mine, theirs = ask(), ask()
    ask("post", {"name": "别人的", "version": version_in(theirs)})
    answer = ask("post", {"name": "我的", "version": version_in(mine)})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "<del>旧名</del>" in text
    assert "<ins>别人的</ins>" in text
    assert 'value="我的"' in text, "what was typed is not lost"
    assert Edit.thing_now.name == "别人的"
    assert ask("post", {"name": "我的", "version": version_in(answer)}).status_code == 302, (
        "having seen it, one may"
    )


def test_forged_version_is_refused(ask: Any) -> None:
    with pytest.raises(Conflict):
        ask("post", {"name": "我的", "version": "forged"})


def test_thing_outside_the_scope_is_not_found(ask: Any) -> None:
    for method in ("get", "post"):
        with pytest.raises(NotFound):
            ask(method, {"name": "我的"}, pk=2)


def test_row_problems_are_listed(ask: Any) -> None:
    problems = [RowProblem(3, "代码", "重复")]
    answer = ask(
        "post", {"name": "我的", "version": version_in(ask())}, raises=BadInput("有问题。", problems=problems)
    )
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "<td>代码</td><td>重复</td>" in text
