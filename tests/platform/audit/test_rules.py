"""What an entry says: only what changed, no secrets, nothing a database refuses."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from taxops.platform.audit.rules import MASK, changes, fitting, is_secret, masked

values = st.dictionaries(
    st.sampled_from(["name", "password", "口令", "api_token", "limit"]), st.integers() | st.text()
)


@given(values, values)
def test_only_differing_fields_are_kept_on_both_sides(
    before: dict[str, object], after: dict[str, object]
) -> None:
    kept_before, kept_after = changes(before, after)
    assert kept_before is not None
    assert kept_after is not None
    differing = {k for k in {**before, **after} if before.get(k, ...) != after.get(k, ...)}
    assert set(kept_before) == differing & set(before)
    assert set(kept_after) == differing & set(after)


@given(values)
def test_no_secret_is_ever_kept(content: dict[str, object]) -> None:
    for kept in (*changes(None, content), *changes(content, None)):
        for key, value in (kept or {}).items():
            if is_secret(key):
                assert value in (MASK, "")


def test_secrets_are_masked_at_every_depth() -> None:
    found = masked(
        {"steps": [{"headers": {"Authorization": "Bearer x", "Accept": "*"}}], "client_secret": {"a": 1}}
    )
    assert found == {
        "steps": [{"headers": {"Authorization": MASK, "Accept": "*"}}],
        "client_secret": MASK,
    }


def test_creating_and_deleting_keep_the_whole_side() -> None:
    assert changes(None, {"a": 1}) == (None, {"a": 1})
    assert changes({"a": 1}, None) == ({"a": 1}, None)


def test_a_field_that_came_as_empty_is_a_change() -> None:
    assert changes({}, {"a": None}) == ({}, {"a": None})


@given(st.text(), st.integers(1, 20))
def test_texts_always_fit_and_can_be_stored(text: str, size: int) -> None:
    kept = fitting(text, size)
    assert len(kept) <= size
    assert "\x00" not in kept
    kept.encode("utf-8")
