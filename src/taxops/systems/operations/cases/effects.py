"""What steps of the shipped types do beyond the case itself (流转效果), inside the step's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from taxops.engines.base import Scope
from taxops.engines.cases import Event
from taxops.platform.casework import services
from taxops.platform.casework.hooks import Effect
from taxops.platform.casework.models import Case


def to_line2(scope: Scope, case: Case, event: Event, now: datetime) -> None:
    """Put the case into the second line's queue (转二线); the outer clock goes on, an inner one starts."""
    services.hand_on(scope, now=now, case=case, queue="line2", reason=str(event.data["form"].get("why", "")))


ALL: Mapping[str, Effect] = {"to_line2": to_line2}
