"""An SSH server in this process that runs commands on this machine, for the kinds that log in."""

from __future__ import annotations

import asyncio
import subprocess
import threading
from typing import Any

import asyncssh


class _Door(asyncssh.SSHServer):
    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == ("ops", "only-for-tests")


async def _run(process: asyncssh.SSHServerProcess[bytes]) -> None:
    done = await asyncio.to_thread(
        subprocess.run, ["/bin/sh", "-c", process.command or ""], capture_output=True, check=False
    )
    process.stdout.write(done.stdout)
    process.stderr.write(done.stderr)
    process.exit(done.returncode)


class SshServer:
    """Listens on loopback in a thread of its own."""

    def __init__(self) -> None:
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self.key.export_public_key().decode().strip()
        self.loop = asyncio.new_event_loop()
        self.port = 0
        ready = threading.Event()

        def work() -> None:
            asyncio.set_event_loop(self.loop)
            self.loop.run_until_complete(self._start())
            ready.set()
            self.loop.run_forever()

        threading.Thread(target=work, daemon=True).start()
        assert ready.wait(10)

    async def _start(self) -> None:
        options: dict[str, Any] = {"server_host_keys": [self.key], "process_factory": _run, "encoding": None}
        server = await asyncssh.listen("127.0.0.1", 0, server_factory=_Door, **options)
        self.port = server.get_port()

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
