"""Who is to be told (通知对象): those in charge, those of a role, those on duty, one person."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

from taxops.platform.identity.models import OrgUnit, Person, Role
from taxops.platform.rows import among, ask, json_of, moment
from taxops.systems.operations.duty import on_duty

RESPOND = "monitoring.run"
"""Those who may acknowledge are those who answer for it."""

_HELD = """
    SELECT o.path, h.person_id, r.code, r.permissions
    FROM identity_roleassignment h
    JOIN identity_orgunit o ON o.id = h.org_id
    JOIN identity_role r ON r.id = h.role_id
    JOIN identity_person p ON p.id = h.person_id
    WHERE {} AND h.valid_from <= %s AND (h.valid_to IS NULL OR h.valid_to > %s) AND r.is_active AND p.is_active
"""


class Holders:
    """Who holds what over some organisations at an instant (授权在职人员); one query for all of them.

    Args:
        org_paths: the organisations that will be asked for.
        now: the instant.
    """

    def __init__(self, org_paths: Collection[str], now: datetime) -> None:
        above = {prefix for path in org_paths for prefix in prefixes(path)}
        these, paths = among("o.path", above)
        at = moment(now)
        held = ask(_HELD.format(these), [paths, at, at]) if above else []
        self._held = [(path, person, code, json_of(granted)) for path, person, code, granted in held]

    def responders(self, org_path: str) -> list[int]:
        """Return the ids of active people who hold the answering permission over this organisation."""
        return self._those(org_path, lambda _code, permissions: RESPOND in permissions)

    def of_role(self, role: str, org_path: str) -> list[int]:
        """Return the ids of active people who hold a role over this organisation."""
        return self._those(org_path, lambda code, _permissions: code == role)

    def _those(self, org_path: str, wanted: Callable[[str, Collection[str]], bool]) -> list[int]:
        return sorted(
            {
                person
                for above, person, code, permissions in self._held
                if org_path.startswith(above) and wanted(code, permissions)
            }
        )


def prefixes(org_path: str) -> list[str]:
    """Return the paths of an organisation and of all above it.

    >>> prefixes("100000/122000/")
    ['100000/', '100000/122000/']
    """
    codes = [code for code in org_path.split("/") if code]
    return ["/".join(codes[: n + 1]) + "/" for n in range(len(codes))]


def people_on_duty(org_path: str, now: datetime, post: str = "") -> list[int]:
    """Return who is on duty for this organisation, or for the nearest one above it that has a roster."""
    codes = [code for code in org_path.split("/") if code]
    ids = dict(OrgUnit.objects.filter(code__in=codes).values_list("code", "pk"))
    for code in reversed(codes):
        found = on_duty(ids[code], now, post or None) if code in ids else ()
        if found:
            return sorted({one.person_id for one in found})
    return []


def active_people(ids: list[int]) -> list[int]:
    """Return those of the ids that belong to active people."""
    return sorted(Person.objects.filter(pk__in=ids, is_active=True).values_list("pk", flat=True))


def names_of(ids: list[int]) -> dict[int, str]:
    """Return people's names by id; one query."""
    return {person.pk: person.display_name for person in Person.objects.filter(pk__in=ids)}


def role_names() -> dict[str, str]:
    """Return the names of roles by code; one query."""
    return dict(Role.objects.values_list("code", "name"))


def usernames(ids: list[int]) -> list[str]:
    """Return people's user names, in order."""
    return list(Person.objects.filter(pk__in=ids).order_by("username").values_list("username", flat=True))
