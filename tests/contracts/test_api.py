"""Every operation of the API: strangers are turned away, scopes hold, errors have one shape."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from taxops.platform.identity.models import ApiToken
from taxops.platform.identity.services.tokens import digest_of, new_text
from taxops.project.api import api
from tests import factories

pytestmark = pytest.mark.django_db

# Operations that anybody may call, and why.
PUBLIC = {
    "/api/v1/heartbeats/{key}": "the key in the address is the permission",
    "/api/v1/heartbeats/{key}/{signal}": "the key in the address is the permission",
}


# Operations that any valid token may call, and why.
OWN = {
    "/api/v1/me": "answers about the asking token alone",
}


def _operations() -> list[tuple[str, str]]:
    found = []
    for path, methods in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items():
        found += [(method, path) for method in methods if method in {"get", "post", "put", "patch", "delete"}]
    return sorted(found)


OPERATIONS = _operations()


def _call(client: Client, method: str, path: str, **headers: str) -> Any:
    address = re.sub(r"\{[^}]+\}", "1", path)
    body = {} if method == "get" else {"data": "{}", "content_type": "application/json"}
    return getattr(client, method)(address, **body, headers=headers)


def _bearer(person: Any, permissions: list[str], now: datetime, org: Any, **fields: Any) -> dict[str, str]:
    prefix, text = new_text()
    fields = {"expires_at": now + timedelta(days=3650), **fields}
    ApiToken.objects.create(
        name="测试", person=person, org=org, permissions=permissions, prefix=prefix, digest=digest_of(text),
        created_at=fields["expires_at"] - timedelta(days=4000), **fields,
    )  # fmt: skip
    return {"Authorization": f"Bearer {text}"}


def test_there_are_operations() -> None:
    assert len(OPERATIONS) > 10


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda v: v)
def test_a_stranger_is_turned_away_in_json(method: str, path: str, client: Client) -> None:
    answer = _call(client, method, path)
    if path in PUBLIC:
        assert answer.status_code < 500
        return
    assert answer.status_code == 401, answer.content
    assert set(answer.json()) >= {"code", "what", "todo"}


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=lambda v: v)
def test_a_token_without_the_permission_is_refused(
    method: str, path: str, client: Client, now: datetime
) -> None:
    if path in PUBLIC or path in OWN:
        return
    province = factories.org("220000")
    person = factories.person("nobody", province, permissions=["notify.view"])
    answer = _call(client, method, path, **_bearer(person, ["notify.view"], now, province))
    assert answer.status_code in {403, 404, 422}, answer.content
    assert "code" in answer.json()


@pytest.mark.parametrize("text", ["", "x", "taxops_aaaaaaaaaa_bbbb", "taxops_" + "a" * 4000, "\u00e9"])
def test_a_token_that_is_none_is_told_so(text: str, client: Client) -> None:
    answer = client.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {text}"})
    other = client.get(OPERATIONS[0][1], headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code in {200, 401}
    assert other.status_code in {401, 405}


def test_an_expired_token_is_told_so(client: Client, now: datetime) -> None:
    province = factories.org("220000")
    person = factories.person("late", province, permissions=["monitoring.view"])
    headers = _bearer(person, ["monitoring.view"], now, province, expires_at=now - timedelta(days=1))
    answer = next(
        a for a in (_call(client, m, p, **headers) for m, p in OPERATIONS if m == "get" and p not in PUBLIC)
    )
    assert answer.status_code == 401
    assert "过期" in answer.json()["what"]


def test_the_description_is_open_and_names_every_operation(client: Client) -> None:
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = answer.json()
    assert described["openapi"].startswith("3.")
    for methods in described["paths"].values():
        for operation in methods.values():
            assert operation.get("summary")
    assert "127.0.0.1" not in json.dumps(described.get("servers", []))


def test_a_body_that_is_no_json_is_told_so(client: Client, now: datetime) -> None:
    province = factories.org("220000")
    person = factories.person("writer", province, permissions=["probers.report"])
    headers = _bearer(person, ["probers.report"], now, province)
    answer = client.post(
        "/api/v1/probers/results", data="{not json", content_type="application/json", headers=headers
    )
    assert answer.status_code in {400, 403, 422}
    assert "what" in answer.json()
