"""Fills the demonstration (演示数据): organisations, roles, people, assets, checks; repeating it changes nothing.

Everything goes through the same services that people use, so every row has its history and its trail.
"""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from taxops.engines.base import Scope
from taxops.platform.assets import services as assets
from taxops.platform.assets.models import Asset
from taxops.platform.assets.rules import ImportRow
from taxops.platform.identity import services as identity
from taxops.platform.identity.models import OrgUnit, Person, Role, RoleAssignment
from taxops.project.demo import estate as demo_estate
from taxops.project.demo import people, province
from taxops.project.lab.plan import Lab
from taxops.systems.operations.alerting import demo as alerting_demo
from taxops.systems.operations.alerting.services import ensure_defaults
from taxops.systems.operations.availability import demo as availability_demo
from taxops.systems.operations.blueprints import demo as blueprints_demo
from taxops.systems.operations.blueprints.services import ensure_blueprints
from taxops.systems.operations.cases import demo as cases_demo
from taxops.systems.operations.deliverables import demo as deliverables_demo
from taxops.systems.operations.desk import demo as desk_demo
from taxops.systems.operations.drift import demo as drift_demo
from taxops.systems.operations.expiry import demo as expiry_demo
from taxops.systems.operations.intake import demo as intake_demo
from taxops.systems.operations.knowledge import demo as knowledge_demo
from taxops.systems.operations.manual import demo as manual_demo
from taxops.systems.operations.monitoring import demo as monitoring_demo
from taxops.systems.operations.monitoring import services as monitoring
from taxops.systems.operations.monitoring.models import Check
from taxops.systems.operations.roster import demo as roster_demo
from taxops.systems.quality5c import demo as quality_demo

SCOPE_NAME = "演示数据"


def scope() -> Scope:
    """Return the scope under which the demonstration is filled; its name stands in every history."""
    return Scope.system(SCOPE_NAME, via="cli")


def roles(*, now: datetime) -> int:
    """Store the built-in roles; every installation needs them."""
    return identity.seed_roles(scope(), now=now)


def templates(*, now: datetime) -> int:
    """Store the built-in templates of what to watch, the default route and the inhibitions; everybody has them."""
    ensure_defaults(now=now)
    return ensure_blueprints(Scope.system("内置模板", via="cli"), now=now)


def organisations(*, now: datetime) -> int:
    """Store the province; return how many organisations are new."""
    rows = list(province.rows())
    if OrgUnit.objects.filter(code__in=[row["机构代码"] for row in rows]).count() == len(rows):
        return 0  # as left by last time, with whatever people changed since
    return len(identity.import_orgs(scope(), identity.numbered(rows), now=now).added)


def estate(*, now: datetime) -> int:
    """Store the systems and halls as assets; return how many are new."""
    assets.ensure_types()
    cells = [*demo_estate.systems(), *demo_estate.halls()]
    if Asset.objects.filter(code__in=[row["资产编号"] for row in cells]).count() == len(cells):
        return 0  # as left by last time, with whatever people changed since
    rows = [ImportRow(number, row) for number, row in enumerate(cells, start=2)]
    return len(assets.import_assets(scope(), rows, now=now).added)


def _shared_hash(password: str) -> str:
    """Return one hash for all demonstration accounts: hashing is slow on purpose, and they share it openly."""
    first = Person.objects.filter(username=people.accounts()[0].username).first()
    if first is not None and first.password and check_password(password, first.password):
        return first.password
    return make_password(password)


def persons(*, now: datetime, password: str) -> int:
    """Store the people with their roles; return how many are new. The password follows the environment."""
    accounts = [*people.accounts(), *people.hall_managers()]
    digest = _shared_hash(password)
    known = set(
        Person.objects.filter(username__in=[account.username for account in accounts]).values_list(
            "username", flat=True
        )
    )
    orgs = {
        unit.code: unit for unit in OrgUnit.objects.filter(code__in={account.org for account in accounts})
    }
    held = {role.code: role for role in Role.objects.all()}
    for account in accounts:
        if account.username in known:
            continue
        person = identity.create_person(
            scope(),
            now=now,
            username=account.username,
            display_name=account.name,
            org=orgs[account.org],
            phone=account.phone,
            title=account.title,
            password_hash=digest if account.one_click else "",
            must_change=False,
        )
        identity.grant(
            scope(),
            now=now,
            person=person,
            role=held[account.role],
            org=orgs[account.org],
            reason="演示账户",
        )
    # the stories of the demonstration happened before it was filled: its people held their roles then
    fresh = [account.username for account in accounts if account.username not in known]
    RoleAssignment.objects.filter(person__username__in=fresh).update(valid_from=now - timedelta(days=60))
    # a demonstration kept for months must not greet its visitors with an expired password
    Person.objects.filter(username__in=[account.username for account in people.accounts()]).update(
        password=digest, password_set_at=now, must_change_password=False
    )
    return len(accounts) - len(known)


def shown(password: str) -> list[dict[str, str]]:
    """Return the accounts as the console prints them."""
    labels = dict(Role.objects.values_list("code", "name"))
    return [
        {
            "role": account.role,
            "role_label": labels.get(account.role, account.role),
            "username": account.username,
            "password": password,
            "name": account.name,
            "title": account.title,
        }
        for account in people.accounts()
    ]


def seed(*, now: datetime, lab: Lab, password: str) -> list[dict[str, str]]:
    """Fill everything and return the accounts.

    Raises:
        TaxopsError: a service refuses what the demonstration wants: a bug, told in Chinese.
    """
    password = password or people.DEFAULT_PASSWORD
    with transaction.atomic():
        roles(now=now)
        organisations(now=now)
        persons(now=now, password=password)
        estate(now=now)
    _systems(now, lab)
    return shown(password)


def _systems(now: datetime, lab: Lab) -> None:
    """Have monitoring fill its demonstration, and tell the lab's job where to report its heartbeat."""
    monitoring_demo.seed_checks(scope(), now, lab)
    with transaction.atomic():
        nginx = lab.services["nginx"]
        blueprints_demo.seed(scope(), now, f"127.0.0.1:{nginx.port}" if nginx.installed else "")
        manual_demo.seed(scope(), now)
        drift_demo.seed(scope(), now, lab)
        knowledge_demo.seed(scope(), now)
        roster_demo.seed(scope(), now)
        quality_demo.seed(scope(), now)
        cases_demo.seed(scope(), now)
        desk_demo.seed(scope(), now)
        alerting_demo.seed(scope(), now)
        intake_demo.seed(scope(), now)
        expiry_demo.seed(scope(), now)
    availability_demo.seed(scope(), now)
    deliverables_demo.seed(scope(), now)
    monitoring.sample(now=now)  # otherwise the storage page has nothing to show for an hour
    heartbeat = Check.objects.filter(kind="heartbeat", archived_at=None).exclude(heartbeat_key=None).first()
    if heartbeat is not None:
        base = os.environ.get("TAXOPS_URL") or settings.CONFIG.public_url
        told = {"url": f"{base}/api/v1/heartbeats/{heartbeat.heartbeat_key}"}
        (lab.folder / "heartbeat.json").write_text(json.dumps(told))
