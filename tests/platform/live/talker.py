"""A second process: makes a little province, then publishes what it is told on standard input.

Run as `python -m tests.platform.live.talker`; prints the session cookie and the person's id first.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime

from taxops.project.boot import django_ready


def main() -> None:
    """Make, print, then obey."""
    django_ready()
    from django.test import Client

    from taxops.platform.identity.models import PersonSession
    from taxops.platform.live.services import publish
    from tests import factories

    now = datetime.now(UTC)
    tag = f"{now.timestamp():.0f}"
    home = factories.org(f"L{tag}", level="county")
    person = factories.person(f"live{tag}", home, permissions=["jobs.view"])
    client = Client()
    factories.sign_in(client, person, now)
    print(client.cookies["taxops_session"].value, person.pk, flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if order["do"] == "publish":
            publish(order["topic"], order["payload"], key=order["key"])
        else:
            PersonSession.objects.filter(person=person).update(ended_at=now)
        print("done", flush=True)


if __name__ == "__main__":
    main()
