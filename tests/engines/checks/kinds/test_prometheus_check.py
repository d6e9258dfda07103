"""Kind `prometheus` against the real server, and against its documented refusals."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.checks.kinds.fakes import http_peer
from tests.engines.checks.kinds.peers import free_port, need, running, until
from tests.engines.checks.rude import look, page

pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder, port = Path(tmp_path_factory.mktemp("prometheus")), free_port()
    config = folder / "prometheus.yml"
    config.write_text(
        "global: {scrape_interval: 1s}\nscrape_configs:\n"
        f"- job_name: self\n  static_configs: [{{targets: ['127.0.0.1:{port}', '127.0.0.1:1']}}]\n"
    )
    words = [need("prometheus"), f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
             f"--web.listen-address=127.0.0.1:{port}"]  # fmt: skip
    with running(words, folder, port):
        url = f"http://127.0.0.1:{port}"
        until(lambda: look("prometheus", url, "count == 2", query="up").verdict == "ok", 30)
        yield url


def test_a_real_query_is_judged_by_its_values(prometheus: str) -> None:
    many = look("prometheus", prometheus, "max == 1 and min == 0 and sum == 1", query="up")
    one = look("prometheus", prometheus, "value == 0.5 and age_s < 60s", query="avg(up)")
    scalar = look("prometheus", prometheus, "value == 2", query="scalar(count(up))")
    bad = look("prometheus", prometheus, "min == 1", query="up")
    assert many.verdict == "ok", many.message
    assert one.verdict == "ok", one.message
    assert scalar.verdict == "ok", scalar.message
    assert bad.verdict == "critical"
    assert "2 个序列，最大 1（up{" in bad.message


def test_nothing_found_is_critical_unless_asked_otherwise(prometheus: str) -> None:
    query = "no_such_metric"
    assert "查询没有结果" in look("prometheus", prometheus, query=query).message
    assert look("prometheus", prometheus, "count == 0", query=query).verdict == "ok"


def test_wrong_queries_are_unknown_and_say_where(prometheus: str) -> None:
    wrong = look("prometheus", prometheus, query="sum(up")
    ranged = look("prometheus", prometheus, query="up[5m]")
    assert wrong.verdict == ranged.verdict == "unknown"
    assert "查询语句有误" in wrong.message
    assert "不是瞬时值" in ranged.message


def test_not_a_number_is_not_zero(prometheus: str) -> None:
    result = look("prometheus", prometheus, query="0 / 0 * count(up)")
    assert result.verdict == "critical"
    assert "NaN" in result.message


def test_documented_refusals_are_understood() -> None:
    body = b'{"status":"error","errorType":"timeout","error":"query timed out"}'
    with http_peer({"/": page(body, "503 Service Unavailable")}) as server:
        assert "没有完成查询（timeout）" in look("prometheus", server.url, query="up").message
