"""The web process (网页进程): uvicorn on a socket that the supervisor holds open.

`TAXOPS_WEB_FD` names the inherited socket; because the supervisor keeps it, callers wait for a moment
instead of being refused while a crashed web process is started again. `TAXOPS_WEB_GATE` names the read end
of a pipe: the process loads everything while the database is still being prepared, and serves when the
supervisor has closed the other end.
"""

from __future__ import annotations

import os
import socket
import sys

GRACE_S = 2
"""How long open requests and streams may go on after the order to end."""


def main() -> int:
    """Serve until told to end."""
    import uvicorn  # this module must stay cheap to import
    from django.urls import get_resolver

    from taxops.project.asgi import application

    _ = get_resolver().url_patterns  # loads every page and the API, which the first caller would wait for
    door = socket.socket(fileno=int(os.environ["TAXOPS_WEB_FD"]))
    if gate := os.environ.get("TAXOPS_WEB_GATE"):
        os.read(int(gate), 1)
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            log_level="warning",
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            proxy_headers=True,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
    server.run(sockets=[door])
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
