"""The web process (网页进程): uvicorn on a socket that the supervisor holds open.

`TAXOPS_WEB_FD` names the inherited socket; because the supervisor keeps it, callers wait for a moment
instead of being refused while a crashed web process is started again.
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

    door = socket.socket(fileno=int(os.environ["TAXOPS_WEB_FD"]))
    server = uvicorn.Server(
        uvicorn.Config(
            "taxops.project.asgi:application",
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
