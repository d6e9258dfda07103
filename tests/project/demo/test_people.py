"""The demonstration's people: every role once, nobody real."""

from __future__ import annotations

from taxops.platform.identity.policy import seeded_roles
from taxops.project.demo import people, province


def test_every_role_a_person_can_hold_is_offered() -> None:
    offered = {account.role for account in people.accounts()}
    assert offered == {role["code"] for role in seeded_roles()} - {"prober"}


def test_names_phones_and_places_are_unique_and_known() -> None:
    everybody = [*people.accounts(), *people.hall_managers()]
    codes = {row["机构代码"] for row in province.rows()}
    assert len({account.username for account in everybody}) == len(everybody)
    assert len({account.phone for account in everybody}) == len(everybody)
    assert {account.org for account in everybody} <= codes
    assert all(account.phone.startswith("1990000") for account in everybody)


def test_nobody_holds_two_administrator_roles() -> None:
    admins = [
        account
        for account in people.accounts()
        if account.role.endswith("_admin") and account.role != "bureau_admin"
    ]
    assert len({account.username for account in admins}) == len(admins) == 3
