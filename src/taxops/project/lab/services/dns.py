"""A DNS server (域名解析) for the lab's invented names, UDP and TCP on one loopback port.

`python -m taxops.project.lab.services.dns PORT NAME=ADDRESS …`
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import cast

import dns.exception
import dns.flags
import dns.message
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from taxops.project.lab.services.runtime import Mode, run, say

WRONG = "192.0.2.66"  # an address of the documentation range: nobody's
TTL = 5


def answer(packet: bytes, names: dict[str, str], mode: str) -> bytes | None:
    """Return the answer to a packet; None when it is not a question at all."""
    if mode == "garbage":
        return packet[:2] + os.urandom(40)
    try:
        query = dns.message.from_wire(packet)
    except dns.exception.DNSException:
        return None
    if query.flags & dns.flags.QR or query.opcode() != dns.opcode.QUERY or not query.question:
        return None
    reply = dns.message.make_response(query)
    reply.flags |= dns.flags.AA
    question = query.question[0]
    name = question.name.to_text(omit_final_dot=True).lower()
    if mode == "error":
        reply.set_rcode(dns.rcode.SERVFAIL)
    elif name not in names:
        reply.set_rcode(dns.rcode.NXDOMAIN)
    elif question.rdtype == dns.rdatatype.A:
        address = WRONG if mode == "wrong" else names[name]
        reply.answer.append(dns.rrset.from_text(question.name, TTL, "IN", "A", address))
    return reply.to_wire()


class Datagrams(asyncio.DatagramProtocol):
    """The UDP side."""

    def __init__(self, names: dict[str, str], mode: Mode) -> None:
        self.names = names
        self.mode = mode
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the socket to answer on."""
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer one datagram."""
        reply = answer(data, self.names, self.mode.name)
        if reply is not None and self.transport is not None:
            self.transport.sendto(reply, addr)


def main(port: int, names: dict[str, str]) -> None:
    """Answer on a loopback port until the keeper leaves."""

    async def start(mode: Mode) -> None:
        async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                size = int.from_bytes(await reader.readexactly(2), "big")
                reply = answer(await reader.readexactly(size), names, mode.name)
                if reply is not None:
                    writer.write(len(reply).to_bytes(2, "big") + reply)
                    await writer.drain()
            except (ConnectionError, asyncio.IncompleteReadError):
                writer.transport.abort()  # a caller that leaves is not an event here
            finally:
                writer.close()

        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(connection, "127.0.0.1", port)
        await loop.create_datagram_endpoint(lambda: Datagrams(names, mode), local_addr=("127.0.0.1", port))
        say("ready")
        await server.serve_forever()

    run(start)


if __name__ == "__main__":
    main(int(sys.argv[1]), dict(pair.split("=", 1) for pair in sys.argv[2:]))
