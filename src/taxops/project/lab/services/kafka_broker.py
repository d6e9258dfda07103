"""A Kafka-protocol broker (消息总线): librdkafka's mock cluster behind a fixed loopback port.

`python -m taxops.project.lab.services.kafka_broker PORT`. The mock picks its own port; clients bootstrap
through ours (a plain forwarder) and are told the real one, so the address in a check never changes.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

from confluent_kafka import Producer

from taxops.project.lab.services.runtime import Mode, run, say


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        writer.transport.abort()  # either side leaving ends both
    finally:
        writer.close()


def main(port: int) -> None:
    """Serve on a loopback port until the keeper leaves."""

    async def start(_: Mode) -> None:
        hub = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 3})
        brokers = (await asyncio.to_thread(hub.list_topics, timeout=10)).brokers
        broker = next(iter(brokers.values()))

        async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                there, back = await asyncio.open_connection(broker.host, broker.port)
            except OSError:
                writer.transport.abort()  # the mock is gone: so is this connection
                return
            with contextlib.suppress(ConnectionError):
                await asyncio.gather(_pump(reader, back), _pump(there, writer))

        server = await asyncio.start_server(forward, "127.0.0.1", port)
        say("ready")
        await server.serve_forever()

    run(start)


if __name__ == "__main__":
    main(int(sys.argv[1]))
