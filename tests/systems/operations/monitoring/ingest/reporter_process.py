"""A process that reports batches until it is killed; the tests of races and kills start several.

Arguments: DATABASE PROBER BOOT START_MS CHECKS BATCHES [random].
"""

from __future__ import annotations

import json
import random
import sys
from datetime import timedelta

STEP_MS = 1000


def code_at(check_id: int, second: int) -> int:
    """Return what a check finds at a second: the same whoever asks, with outages of its own."""
    return 2 if (second // 7 + check_id) % 4 == 0 else 0


def main(
    database: str, prober_id: int, boot: str, start_ms: int, ids: list[int], batches: int, order: str
) -> None:
    """Report the batches, saying which is done."""
    from taxops.project.boot import django_ready

    django_ready()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = database
    from taxops.engines.base import from_millis
    from taxops.systems.operations.monitoring import ingest
    from taxops.systems.operations.monitoring.models import Prober
    from taxops.systems.operations.monitoring.rules import parse_batch

    prober = Prober.objects.get(pk=prober_id)
    shuffled = list(ids)
    for seq in range(batches):
        if order == "random":
            random.shuffle(shuffled)
        at_ms = start_ms + seq * STEP_MS
        rows = [
            [c, 1, at_ms, code_at(c, seq), 900, 0, "坏" if code_at(c, seq) else None, None, None]
            for c in shuffled
        ]
        body = json.dumps({"boot": boot, "seq": seq, "sent_at_ms": at_ms, "results": rows}).encode()
        ingest.report(prober, parse_batch(body), now=from_millis(at_ms) + timedelta(seconds=1))
        sys.stdout.write(f"{seq}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    name, who, boot, start, checks, count, *rest = sys.argv[1:]
    main(name, int(who), boot, int(start), json.loads(checks), int(count), rest[0] if rest else "")
