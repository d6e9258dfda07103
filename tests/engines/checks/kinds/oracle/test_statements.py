"""The SQL of kind `oracle`: one SELECT each, on V$ and DBA_ views only."""

from __future__ import annotations

import re

import pytest

from taxops.engines.checks import guard_select
from taxops.engines.checks.kinds.oracle import statements

SQL = {
    name: value.format(minutes=60, days=8)
    for name, value in vars(statements).items()
    if name.isupper() and isinstance(value, str)
}


@pytest.mark.parametrize("name", SQL)
def test_a_statement_is_one_select_on_views(name: str) -> None:
    sql = SQL[name]
    guard_select(sql)
    tables = re.findall(r"(?i)\b(?:from|join)\s+([a-z_][\w$]*)", sql)
    assert tables
    assert all(table.lower().startswith(("v$", "dba_")) for table in tables), tables
