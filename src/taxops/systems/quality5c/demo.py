"""The demonstration of quality5c (演示): shipped definitions and model at once, the data by a background job."""

from __future__ import annotations

from datetime import datetime

from taxops.engines.base import Scope
from taxops.platform.jobs.services import enqueue

from .definitions import services as definitions
from .modelling import services as modelling
from .proposals import demo as proposals
from .signals.demo import seed_rules


def seed(scope: Scope, now: datetime) -> None:
    """Store what comes with the product and ask for the data; repeating it changes nothing."""
    definitions.load_shipped(scope, now=now)
    modelling.load_shipped_model(scope, now=now)
    proposals.seed(now)
    seed_rules(scope, now=now)
    enqueue("quality5c.sample", scope=scope, now=now, key="quality5c.sample", once=True)
