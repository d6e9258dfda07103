"""A producer and a consumer group (生产者与消费组) that keep the lab's broker busy, so that lag is real.

`python -m taxops.project.lab.services.kafka_clients BOOTSTRAP`
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time

from confluent_kafka import Consumer, KafkaException, Producer

from taxops.project.lab.services.runtime import Mode, run, say

TOPIC = "invoice-events"
GROUP = "ledger-writer"
PARTITIONS = 4  # the mock cluster's default
PER_SECOND = 20


def produce(bootstrap: str, stop: threading.Event) -> None:
    """Send events steadily."""
    producer = Producer({"bootstrap.servers": bootstrap, "message.timeout.ms": 5000, "log_level": 0})
    number = 0
    while not stop.is_set():
        try:
            for _ in range(PER_SECOND // 4):
                number += 1
                producer.produce(TOPIC, f"发票事件 {number}".encode(), partition=number % PARTITIONS)
            producer.poll(0)
        except (BufferError, KafkaException) as error:
            sys.stderr.write(f"produce: {error}\n")  # the broker is away; librdkafka keeps trying
        time.sleep(0.25)


def consume(bootstrap: str, stop: threading.Event, mode: Mode, started: threading.Event) -> None:
    """Read and commit, unless told to fall behind."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": GROUP,
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            "session.timeout.ms": 6000,
            "allow.auto.create.topics": True,
            "topic.metadata.refresh.interval.ms": 2000,
            "log_level": 0,
        }
    )
    consumer.subscribe([TOPIC])
    while not stop.is_set():
        if mode.name == "lag":
            time.sleep(0.2)
            continue
        try:
            messages = consumer.consume(500, timeout=0.5)
            if any(message.error() is None for message in messages):
                consumer.commit(asynchronous=False)
                started.set()
        except KafkaException as error:
            sys.stderr.write(f"consume: {error}\n")  # the broker is away; librdkafka keeps trying
            time.sleep(0.5)
    consumer.close()


def main(bootstrap: str) -> None:
    """Produce and consume until the keeper leaves."""

    async def start(mode: Mode) -> None:
        stop, started = threading.Event(), threading.Event()
        threads = [
            threading.Thread(target=produce, args=(bootstrap, stop), daemon=True),
            threading.Thread(target=consume, args=(bootstrap, stop, mode, started), daemon=True),
        ]
        for thread in threads:
            thread.start()
        await asyncio.to_thread(started.wait, 15)
        say("ready")
        await asyncio.Event().wait()

    run(start)


if __name__ == "__main__":
    main(sys.argv[1])
