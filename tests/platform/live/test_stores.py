"""Both stores keep order, tell gaps, and agree with each other."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from taxops.engines.base import Unavailable
from taxops.platform.live.models import LiveEvent
from taxops.platform.live.stores import DatabaseStore, Draft, RedisStore, Store
from taxops.project.embedded import free_port


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a real Redis server."""
    server = shutil.which("redis-server")
    if server is None:
        pytest.skip("没有 redis-server，Redis 通道的测试未运行；安装 redis 后即可运行")
    port = free_port()
    folder = tmp_path_factory.mktemp("redis")
    process = subprocess.Popen(
        [server, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
        stdout=subprocess.DEVNULL,
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait(10)


@pytest.fixture(params=["database", "redis"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "database":
        request.getfixturevalue("transactional_db")
        yield DatabaseStore()
        return
    made = RedisStore(request.getfixturevalue("redis_url"), stream=f"test:{request.node.name}")
    yield made
    made.close()


def draft(number: int) -> Draft:
    return Draft("t", "100/", f"k{number}", f'{{"n":{number}}}')


def test_events_come_back_in_order_from_any_position(store: Store) -> None:
    store.append([draft(-1)])
    start = store.position()
    store.append([draft(n) for n in range(5)])
    batch = store.after(start, 100)
    assert [event.key for event in batch.events] == [f"k{n}" for n in range(5)]
    assert batch.events[0].text == '{"n":0}'
    assert (batch.events[0].topic, batch.events[0].path) == ("t", "100/")
    assert batch.floor <= start
    third = batch.events[2].id
    assert [event.key for event in store.after(third, 1).events] == ["k3"]
    assert store.position() == batch.events[-1].id
    assert store.after(store.position(), 10).events == ()


def test_waiting_ends_with_news_and_without(store: Store) -> None:
    start = store.position()
    store.wait(start, 0.01)
    listener = threading.Thread(target=store.wait, args=(start, 60.0))
    listener.start()
    store.append([draft(1)])
    listener.join(30)
    assert not listener.is_alive()


@pytest.mark.django_db
def test_the_table_forgets_the_old_but_remembers_that_it_did() -> None:
    store = DatabaseStore()
    store.append([draft(n) for n in range(10)])
    ids = list(LiveEvent.objects.order_by("id").values_list("id", flat=True))
    assert store.prune() == 0
    LiveEvent.objects.filter(id__lte=ids[6]).update(at=timezone.now() - timedelta(minutes=11))
    assert store.prune() == 7
    batch = store.after(ids[2], 100)
    assert batch.floor == ids[6], "what lies before is gone, and the reader is told"
    assert store.after(ids[6], 100).floor <= ids[6]
    LiveEvent.objects.update(at=timezone.now() - timedelta(minutes=11))
    store.prune()
    assert list(LiveEvent.objects.values_list("id", flat=True)) == [ids[-1]], "the newest stays as a mark"


@pytest.mark.django_db
def test_the_table_prunes_itself_while_it_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("taxops.platform.live.stores.database.KEPT_ROWS", 100)
    store = DatabaseStore()
    for _ in range(12):
        store.append([draft(n) for n in range(100)])
    assert LiveEvent.objects.count() <= 600


def test_a_capped_stream_tells_its_gap(redis_url: str) -> None:
    store = RedisStore(redis_url, stream="test:capped", kept=100)
    first = store.position()
    store.append([draft(0)])
    early = store.position()
    assert store.after(first, 10).floor == 0, "nothing was trimmed yet"
    store.append([draft(n) for n in range(1000)])
    assert store.after(early, 10).floor > early


def test_a_redis_that_does_not_answer_is_unavailable_in_chinese() -> None:
    port = free_port()
    store = RedisStore(f"redis://127.0.0.1:{port}/0")
    for attempt in (
        lambda: store.append([draft(1)]),
        store.position,
        lambda: store.after(0, 1),
        lambda: store.wait(0, 0.01),
    ):
        call: Callable[[], object] = attempt
        with pytest.raises(Unavailable, match="Redis"):
            call()


def test_many_writers_never_hide_an_event_from_a_reader(redis_url: str, tmp_path: Path) -> None:
    """A reader that always goes on from the last id it saw sees every event of every writer."""
    store = RedisStore(redis_url, stream="test:many")
    _race(store, writers=4, each=50)


def _race(store: Store, *, writers: int, each: int) -> None:
    def write(number: int) -> None:
        for n in range(each):
            store.append([Draft("t", "", f"{number}-{n}", "{}")])
        store.close()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(writers)]
    cursor, seen = store.position(), []
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while len(seen) < writers * each and time.monotonic() < deadline:
        events = store.after(cursor, 1000).events
        seen += [event.key for event in events]
        cursor = events[-1].id if events else cursor
    for thread in threads:
        thread.join()
    assert len(seen) == len(set(seen)) == writers * each


@pytest.mark.django_db(transaction=True)
def test_many_writers_to_postgresql_never_hide_an_event() -> None:
    from django.db import connection

    if connection.vendor != "postgresql":
        # SQLite has one writer at a time, and the tests' in-memory database cannot be shared by threads.
        store = DatabaseStore()
        store.append([draft(1)])
        assert store.position() > 0
        return
    _race(DatabaseStore(), writers=4, each=40)
