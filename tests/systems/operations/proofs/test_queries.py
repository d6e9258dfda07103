"""All 23 items: their kinds, the tests that carry each kind out, and what the page says of them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from taxops.engines.base import Scope
from taxops.engines.checks import check_kinds
from taxops.systems.operations.monitoring.items import Item, all_items
from taxops.systems.operations.monitoring.words import Shown
from taxops.systems.operations.proofs import queries
from tests.systems.operations.monitoring.conftest import Reporter

TESTS = Path(__file__).parents[3] / "engines" / "checks" / "kinds"
SCHEMA, STAND_IN = "由厂商公开的格式校验过的替身", "按公开的协议写的替身"
PEERS = {
    "dns": ("test_dns_check.py", STAND_IN),
    "http": ("test_http_check.py", "nginx"),
    "tls": ("test_tls_check.py", "OpenSSL"),
    "tcp": ("test_tcp_check.py", "nginx"),
    "lb": ("test_lb_check.py", "nginx"),
    "oslog": ("test_oslog_check.py", "Debian"),
    "nginx": ("test_nginx_check.py", "nginx"),
    "redis": ("test_redis_check.py", "Redis"),
    "redis_cluster": ("test_redis_cluster_check.py", "Redis"),
    "es": ("test_es_check.py", SCHEMA),
    "kafka_lag": ("test_kafka_check.py", STAND_IN),
    "sql": ("test_sql_check.py", "PostgreSQL"),
    "registry": ("test_registry_check.py", SCHEMA),
    "docker": ("test_docker_check.py", SCHEMA),
    "flow": ("test_flow_check.py", STAND_IN),
    "ogg": ("test_ogg_check.py", SCHEMA),
    "host": ("test_host_check.py", "Debian"),
    "oracle": ("oracle", STAND_IN),
}
"""Kind → the tests that carry it out, and their peer: a real product's name, or what stands for it."""
PASSIVE = {"heartbeat", "manual"}


@pytest.mark.parametrize("item", all_items(), ids=lambda item: item.code)
def test_every_kind_of_an_item_is_carried_out_by_tests(item: Item) -> None:
    for kind in {sample.kind for sample in item.samples} - PASSIVE:
        place, peer = PEERS[kind]
        found = TESTS / place
        texts = [found.read_text()] if found.is_file() else [p.read_text() for p in found.glob("test_*.py")]
        assert any("def test_" in text for text in texts), place
        proven = check_kinds.get(kind).verified_against
        if peer in {SCHEMA, STAND_IN}:
            assert proven == "", f"{kind} 声称已验证，但测试用的是{peer}"
        else:
            assert peer in proven, f"{kind} 的测试对象 {peer} 没有写进声明"
        if peer == SCHEMA:
            assert any("vendor_schemas" in text for text in texts), place
            assert (
                "格式校验" in check_kinds.get(kind).stand_in or "规格校验" in check_kinds.get(kind).stand_in
            )


def test_every_kind_says_what_it_was_carried_out_against() -> None:
    for name, kind in check_kinds.items():
        said = [text for text in (kind.verified_against, kind.stand_in) if text]
        assert len(said) == (0 if kind.passive else 1), f"{name}：真实系统或替身，须说明且只能说明其一"


@pytest.mark.django_db
@pytest.mark.same_everywhere
def test_the_page_shows_each_item_with_its_checks_and_proofs(
    root: Scope, make_check: Any, reporter: Reporter, now: datetime
) -> None:
    bad = make_check(kind="http", target="http://127.0.0.1:9/", item="M05")
    make_check(kind="tcp", item="M05")
    reporter.run(bad, "!!!")
    rows = {row.item.code: row for row in queries.item_rows(root, now)}
    assert len(rows) == 23
    assert rows["M05"].total == 2
    assert dict(rows["M05"].counts)[Shown.CRITICAL] == 1
    assert [p.kind.name for p in rows["M05"].kinds] == ["http", "tcp"]
    assert rows["M19"].total == 0
    unproven = {p.kind.name for row in rows.values() for p in row.kinds if not p.is_proven}
    assert unproven == {k for k, (_, peer) in PEERS.items() if peer in {SCHEMA, STAND_IN}}
    assert all("从未" in queries.get_kind(kind).words for kind in unproven)
