"""`taxops token` makes, lists and revokes tokens, and says in Chinese what is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from taxops import cli
from taxops.engines.base import BadInput
from taxops.platform.identity import permissions, services
from taxops.platform.identity.models import ApiToken
from taxops.project.commands.token import expiry
from tests import factories

pytestmark = pytest.mark.django_db
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "_declared", {})
    permissions.declare("probers.report", "探测器上报", "探测器")


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    factories.province()

    def call(*words: str) -> tuple[int, str, str]:
        code = cli.main(["token", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return call


CREATE = ("create", "--name", "城区探测器", "--permission", "probers.report", "--org", "145010")


def test_a_created_token_works_and_is_listed_without_its_text(run: Run) -> None:
    code, out, _ = run(*CREATE, "--expires", "30d", "--json")
    made = json.loads(out)
    assert code == 0
    _, scope = services.authenticate(made["token"], now=datetime.now(UTC))
    assert scope.paths("probers.report") == ("145000/145010/",)
    listed = json.loads(run("list", "--json")[1])
    assert [(token["name"], token["org"], token["state"]) for token in listed] == [
        ("城区探测器", "145010", "valid")
    ]
    assert made["token"] not in json.dumps(listed)


def test_a_revoked_token_is_listed_only_when_asked_for(run: Run) -> None:
    prefix = json.loads(run(*CREATE, "--json")[1])["prefix"]
    assert run("revoke", prefix)[0] == 0
    assert run("list")[1].strip() == "没有令牌。"
    assert "已作废" in run("list", "--all")[1]
    code, _, err = run("revoke", prefix)
    assert (code, "已经作废" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create", "--name", "x", "--permission", "no.such", "--org", "145010"), "no.such"),
        (
            ("create", "--name", "x", "--permission", "probers.report", "--org", "777"),
            "没有代码为「777」的机构",
        ),
        ((*CREATE, "--expires", "soon"), "不是有效期"),
        ((*CREATE, "--expires", "400d"), "365 天之内"),
        ((*CREATE, "--expires", "2020-01-01"), "365 天之内"),
        (("revoke", "nothing"), "没有前缀为"),
    ],
)
def test_mistakes_are_told_in_chinese_and_store_nothing(words: tuple[str, ...], said: str, run: Run) -> None:
    code, out, err = run(*words, "--json")
    assert (code, out) == (2, "")
    assert said in json.loads(err)["what"]
    assert not ApiToken.objects.exists()


def test_expiries_are_read_as_people_write_them(now: datetime) -> None:
    assert expiry("30d", now) == now + timedelta(days=30)
    assert expiry("12h", now) == now + timedelta(hours=12)
    assert expiry("2026-06-30", now) == datetime(2026, 6, 30, 16, tzinfo=UTC)
    for text in ("", "d", "30", "-1d", "30m", "2026-02-30"):
        with pytest.raises(BadInput):
            expiry(text, now)
