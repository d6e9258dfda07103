"""Kind `nginx`: the numbers of stub_status, and rates between two looks."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from taxops.engines.checks import Failed
from taxops.engines.checks.kinds.nginx_check import rates, read_status
from tests.engines.checks.rude import answering, look, page, serving

PAGE = (
    "Active connections: 2 \nserver accepts handled requests\n 10 9 30 \nReading: 0 Writing: 1 Waiting: 1 \n"
)


def test_the_page_is_read() -> None:
    numbers = read_status(PAGE)
    assert (numbers["active"], numbers["accepts"], numbers["requests"], numbers["waiting"]) == (2, 10, 30, 1)
    with pytest.raises(Failed, match="不是 stub_status"):
        read_status("<html>404</html>")


def test_rates_need_two_samples_of_the_same_nginx() -> None:
    old = {"accepts": 10, "handled": 10, "requests": 30}
    new = {"accepts": 30, "handled": 28, "requests": 130}
    found = rates((0.0, old), (10.0, new))
    assert found == {"requests_per_s": 10.0, "accepts_per_s": 2.0, "dropped_per_s": 0.2}
    assert rates(None, (1.0, new)) == {}
    assert rates((0.0, new), (10.0, old)) == {}  # restarted: the counters began anew


def test_another_page_is_critical() -> None:
    with serving(answering(page(b"<html>"))) as server:
        assert "不是 stub_status" in look("nginx", server.url).message
    with serving(answering(page(b"", "403 Forbidden"))) as server:
        assert "HTTP 403" in look("nginx", server.url).message


@pytest.mark.real
def test_a_real_nginx_tells_its_numbers(nginx: str) -> None:
    memory: dict[str, object] = {}
    first = look("nginx", nginx + "/status", memory=memory)
    assert first.verdict == "ok", first.message
    for _ in range(20):
        urlopen(nginx + "/").read()
    second = look("nginx", nginx + "/status", "active >= 1 and requests_per_s > 1", memory=memory)
    assert second.verdict == "ok", second.message
    assert second.metrics["requests_per_s"] > 1


@pytest.mark.real
def test_rates_are_measured_at_once_when_there_is_no_earlier_sample(nginx: str) -> None:
    assert look("nginx", nginx + "/status", "requests_per_s >= 0 and requests_per_s < 100").verdict == "ok"


@pytest.mark.real
def test_a_real_page_and_a_real_redirect(nginx: str) -> None:
    assert look("http", nginx + "/", keyword="电子税务局").verdict == "ok"
    assert look("http", nginx + "/moved", "status == 200 and redirects == 1").verdict == "ok"
    assert "实际为 404" in look("http", nginx + "/none").message
