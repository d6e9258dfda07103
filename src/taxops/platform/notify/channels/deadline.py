"""A hard deadline for conversations over a socket (总时限).

A socket's own timeout is for one operation; a peer that sends a byte now and then never meets it.
Here a timer cuts the line when the whole conversation has taken too long.
"""

from __future__ import annotations

import os
import socket
import threading
from types import TracebackType


class Deadline:
    """Cuts the sockets it watches when the time is over.

    Args:
        seconds: for everything from entering to leaving.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.is_over = False
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Deadline:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for line in self._watched:
                line.close()
            self._watched.clear()

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected socket that the deadline watches.

        Raises:
            OSError: nobody answers there in time.
        """
        line = socket.create_connection((host, port), timeout=self.seconds)
        # Watched through a duplicate: TLS takes the original socket apart, the line stays the same.
        with self._lock:
            self._watched.append(socket.socket(fileno=os.dup(line.fileno())))
            late = self.is_over
        if late:
            line.close()
            raise TimeoutError
        return line

    def _cut(self) -> None:
        with self._lock:
            self.is_over = True
            for line in self._watched:
                try:
                    line.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # the peer has closed it already
