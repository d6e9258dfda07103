"""The floor: the same requests over bare sockets and nothing else, to tell a slow machine from slow code."""

from __future__ import annotations

import resource
import select
import socket
import time

from checks.targets import ADDRESSES, KEYWORD, Nginx

_EDGE = select.EPOLLIN | select.EPOLLOUT | select.EPOLLRDHUP | select.EPOLLET
_SLOT_S = 0.05


def run(nginx: Nginx, per_second: int, seconds: float) -> float:
    """Return CPU seconds per 1,000 requests, paced in the prober's own slots."""
    request = b"GET /c HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    each = max(1, round(per_second * _SLOT_S))
    epoll = select.epoll()
    live: dict[int, tuple[socket.socket, list[int]]] = {}
    before, began, made = resource.getrusage(resource.RUSAGE_SELF), time.monotonic(), 0
    for slot in range(int(seconds / _SLOT_S)):
        for number in range(each):
            sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            sock.connect_ex((ADDRESSES[number % len(ADDRESSES)], nginx.port))
            epoll.register(sock.fileno(), _EDGE)
            live[sock.fileno()] = sock, [0]
        while (left := began + (slot + 1) * _SLOT_S - time.monotonic()) > 0:
            for fd, mask in epoll.poll(left, 64):
                sock, state = live[fd]
                if not state[0]:
                    state[0] = sock.send(request)
                elif mask & select.EPOLLIN:
                    assert KEYWORD.encode() in sock.recv(65536)
                    sock.close()
                    del live[fd]
                    made += 1
    after = resource.getrusage(resource.RUSAGE_SELF)
    epoll.close()
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / max(1, made)
