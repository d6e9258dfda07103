"""A TLS endpoint (安全接入) whose certificate can be changed while it runs.

`python -m taxops.project.lab.services.tls PORT FOLDER`; the folder holds `ok.pem`, `expired.pem`, …
(certificate and key together), made by `lab.certificates`.
"""

from __future__ import annotations

import asyncio
import ssl
import sys
from pathlib import Path

from taxops.project.lab.services.acceptance import read_request, response
from taxops.project.lab.services.runtime import Mode, run, say


async def _connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while request := await read_request(reader):
            writer.write(response(200, {"code": "0", "message": "安全接入正常", "path": request.path}))
            await writer.drain()
            if request.headers.get("connection", "").lower() == "close":
                break
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
        writer.transport.abort()  # a caller that sends nonsense or leaves is not an event here
    finally:
        writer.close()


def main(port: int, folder: Path) -> None:
    """Serve on a loopback port until the keeper leaves."""

    async def start(mode: Mode) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

        def choose(name: str) -> None:
            context.load_cert_chain(folder / f"{name or 'ok'}.pem")

        choose("")
        mode.changed.append(choose)
        server = await asyncio.start_server(_connection, "127.0.0.1", port, ssl=context)
        say("ready")
        await server.serve_forever()

    run(start)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
