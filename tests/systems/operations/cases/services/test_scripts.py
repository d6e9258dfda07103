"""Scripts: cut as approved, refused when the platform could not undo them."""

from __future__ import annotations

import pytest

from taxops.engines.base import BadInput
from taxops.systems.operations.cases.services.scripts import read_script

T = ["t", "s.t2"]


def test_the_text_that_runs_is_the_text_that_was_approved() -> None:
    script = "UPDATE t SET a = 'x;y' WHERE id = 1; -- 说明;\n DELETE FROM s.t2 WHERE b IN (1, 2);\n"
    first, second = read_script(script, T)
    assert first.text == "UPDATE t SET a = 'x;y' WHERE id = 1"
    assert (first.verb, first.table, first.columns) == ("update", "t", ("a",))
    assert (second.verb, second.table, second.where) == ("delete", "s.t2", "b IN (1, 2)")


@pytest.mark.parametrize(
    "script",
    [
        "", ";", "select 1", "drop table t", "update t set a=1", "delete from t", "truncate t",
        "update u set a=1 where id=1", "update t set a=s.b from s where s.id=t.id",
        "delete from t using s where s.id=t.id", "insert into t(a) values (1) on conflict do nothing",
        "insert into t(a) values (1) returning a", "with x as (select 1) update t set a=1 where id=1",
        "update t x set a=1 where id=1", "update t set a = ", "begin; commit", "grant all on t to public",
        "update t set a=1 where id=1; create table z(a int)", "do $$ begin end $$", "copy t from '/etc/passwd'",
    ],
)  # fmt: skip
def test_anything_else_is_refused(script: str) -> None:
    with pytest.raises(BadInput):
        read_script(script, T)
