"""Whatever is done to a chain, the first broken row is named."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxops.engines.ledger import GENESIS, Break, Head, Link, canonical, digest, verify


def chain(n: int, start: int = 1, previous: str = GENESIS) -> Iterator[Link]:
    """Yield a good chain of n rows."""
    for seq in range(start, start + n):
        content = canonical({"seq": seq, "text": f"第 {seq} 件事"})
        link = Link(seq, previous, content, digest(seq, previous, content))
        previous = link.hash
        yield link


def good(n: int) -> tuple[list[Link], Head]:
    links = list(chain(n))
    return links, Head(n, links[-1].hash) if links else Head()


sizes = st.integers(1, 12)


def test_an_empty_chain_holds() -> None:
    assert verify([], Head()) is None


@given(sizes)
def test_a_good_chain_holds(n: int) -> None:
    links, head = good(n)
    assert verify(links, head) is None


@given(st.data(), sizes)
def test_changed_content_is_named(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    at = data.draw(st.integers(0, n - 1))
    links[at] = replace(links[at], content=links[at].content + " ")
    broken = verify(links, head)
    assert broken is not None
    assert (broken.seq, broken.reason) == (at + 1, Break.ALTERED)


@given(st.data(), sizes)
def test_changed_content_with_a_new_hash_is_named(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    at = data.draw(st.integers(0, n - 1))
    content = links[at].content + " "
    links[at] = replace(links[at], content=content, hash=digest(at + 1, links[at].previous, content))
    broken = verify(links, head)
    assert broken is not None
    assert (broken.seq, broken.reason) == (at + 1, Break.REWRITTEN)


@given(st.data(), sizes, st.sampled_from(["previous", "hash"]))
def test_a_changed_hash_is_named(data: st.DataObject, n: int, field: str) -> None:
    links, head = good(n)
    at = data.draw(st.integers(0, n - 1))
    links[at] = replace(links[at], **{field: "f" * 64})
    broken = verify(links, head)
    assert broken is not None
    assert (broken.seq, broken.reason) == (at + 1, Break.ALTERED)


@given(st.data(), sizes)
def test_a_deleted_row_is_named(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    at = data.draw(st.integers(0, n - 1))
    del links[at]
    broken = verify(links, head)
    assert broken is not None
    assert broken.seq == at + 1
    assert broken.reason == (Break.CUT if at == n - 1 else Break.MISSING)


@given(st.data(), sizes)
def test_a_cut_tail_is_named(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    kept = data.draw(st.integers(0, n - 1))
    broken = verify(links[:kept], head)
    assert broken is not None
    assert (broken.seq, broken.reason) == (kept + 1, Break.CUT)


@given(st.data(), st.integers(2, 12))
def test_two_swapped_rows_are_named_whether_or_not_their_numbers_are(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    one = data.draw(st.integers(0, n - 2))
    two = data.draw(st.integers(one + 1, n - 1))
    swapped = list(links)
    swapped[one], swapped[two] = links[two], links[one]
    broken = verify(swapped, head)
    assert broken is not None
    assert broken.seq == one + 1
    renumbered = [replace(link, seq=seq) for seq, link in enumerate(swapped, 1)]
    broken = verify(renumbered, head)
    assert broken is not None
    assert broken.seq == one + 1


@given(st.data(), sizes)
def test_an_inserted_row_is_named(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    at = data.draw(st.integers(0, n))
    previous = links[at - 1].hash if at else GENESIS
    content = canonical({"seq": at + 1, "text": "添的"})
    forged = Link(at + 1, previous, content, digest(at + 1, previous, content))
    shifted = [replace(link, seq=link.seq + 1) for link in links[at:]]
    broken = verify([*links[:at], forged, *shifted], head)
    assert broken is not None
    assert broken.seq == (at + 1 if at == n else at + 2), "the first renumbered row does not hold"
    broken = verify([*links[:at], forged, *links[at:]], head)  # the same number twice
    assert broken is not None
    assert broken.seq == at + 1


@given(st.data(), sizes)
def test_a_chain_rewritten_whole_is_betrayed_by_head_or_seal(data: st.DataObject, n: int) -> None:
    links, head = good(n)
    at = data.draw(st.integers(1, n))
    kept = links[: at - 1]
    previous = kept[-1].hash if kept else GENESIS
    forged = list(kept)
    for seq in range(at, n + 1):
        content = canonical({"seq": seq, "text": "改写"})
        forged.append(Link(seq, previous, content, digest(seq, previous, content)))
        previous = forged[-1].hash
    broken = verify(forged, head)
    assert broken is not None
    assert broken.reason == Break.REWRITTEN
    forged_head = Head(n, forged[-1].hash)
    assert verify(forged, forged_head) is None, "nothing inside can tell any more"
    sealed = data.draw(st.integers(at, n))
    broken = verify(forged, forged_head, seals={sealed: links[sealed - 1].hash})
    assert broken is not None
    assert broken.reason == Break.SEAL
    assert broken.seq <= at or broken.seq <= sealed


def test_a_part_of_a_chain_can_be_checked_from_a_known_row() -> None:
    links, head = good(9)
    assert verify(links[4:], head, start=Head(4, links[3].hash)) is None
    broken = verify(links[4:], head, start=Head(4, "f" * 64))
    assert broken is not None
    assert broken.seq == 5


@pytest.mark.parametrize("first", [0, -5])
def test_numbers_before_the_first_are_named(first: int) -> None:
    links, head = good(3)
    broken = verify([Link(first, GENESIS, "{}", digest(first, GENESIS, "{}")), *links], head)
    assert broken is not None
    assert (broken.seq, broken.reason) == (first, Break.ORDER)


def test_memory_does_not_grow_with_the_chain() -> None:
    def end_of(n: int) -> Head:
        last = Head()
        for link in chain(n):
            last = Head(link.seq, link.hash)
        return last

    n = 20_000
    head = end_of(n)
    tracemalloc.start()
    try:
        assert verify(chain(n), head) is None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 200_000
