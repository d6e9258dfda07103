"""Two people at the same moment: exactly one wins, on every database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.platform.own_database import OwnDatabase, own_database

pytestmark = [pytest.mark.real, pytest.mark.slow]

TELL = "from tests.platform.identity.race_stories import tell; print(json.dumps(tell(sys.argv[1])))"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabase]:
    folder: Path = tmp_path_factory.mktemp("races")
    with own_database(folder) as found:
        yield found


def test_excluding_roles_granted_at_once_leave_exactly_one(database: OwnDatabase) -> None:
    for outcomes, held in database.run(TELL, "excluding_roles"):
        assert (outcomes, held) == (["Conflict", "Conflict", "done"], 1)


def test_the_trigger_alone_leaves_exactly_one(database: OwnDatabase) -> None:
    for outcomes, held in database.run(TELL, "raw_inserts"):
        assert (outcomes, held) == (["IntegrityError", "IntegrityError", "done"], 1)


def test_two_roles_made_administrators_at_once_leave_one_ordinary(database: OwnDatabase) -> None:
    for outcomes, ordinary in database.run(TELL, "kinds_changed"):
        assert (outcomes, ordinary) == (["Conflict", "done"], 1)


def test_a_grant_and_a_change_of_kind_do_not_meet(database: OwnDatabase) -> None:
    for outcomes in database.run(TELL, "grant_meets_change"):
        assert outcomes == ["Conflict", "done"]


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        ("tree_moves", []),
        ("one_code", [["Conflict", "Conflict", "done"], 1]),
        ("one_recovery_code", [[False, False, False, True], 9]),
        ("many_guesses", [True, 5]),
        ("many_logins", [6, 2, 4]),
    ],
)
def test_what_happens_at_once_ends_as_if_one_after_the_other(
    story: str, expected: Any, database: OwnDatabase
) -> None:
    assert database.run(TELL, story) == expected
