"""Keeps the lab's business tables (业务表) alive: transfer batches, ledgers, automatic tasks, hourly volumes.

`python -m taxops.project.lab.services.business DATABASE_URL`
"""

from __future__ import annotations

import asyncio
import sys

import psycopg

from taxops.project.lab.services.runtime import Mode, run, say

TICK_S = 2.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS transfer_batches (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    direction text NOT NULL,
    sent_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    invoices integer NOT NULL,
    amount_fen bigint NOT NULL
);
CREATE INDEX IF NOT EXISTS transfer_batches_sent ON transfer_batches (sent_at);
CREATE TABLE IF NOT EXISTS outer_ledger (
    day date PRIMARY KEY, invoices bigint NOT NULL, amount_fen bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS inner_ledger (
    day date PRIMARY KEY, invoices bigint NOT NULL, amount_fen bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS task_runs (
    name text PRIMARY KEY, finished_at timestamptz NOT NULL, state text NOT NULL, runs bigint NOT NULL
);
CREATE TABLE IF NOT EXISTS hourly_volume (
    hour timestamptz PRIMARY KEY, invoices bigint NOT NULL
);
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'watch') THEN
        CREATE ROLE watch LOGIN;
    END IF;
END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO watch;
"""
HISTORY = """
INSERT INTO hourly_volume (hour, invoices)
SELECT hour, CASE WHEN extract(hour FROM hour AT TIME ZONE 'Asia/Shanghai') BETWEEN 9 AND 17
                  THEN 4200 + (extract(epoch FROM hour)::bigint / 3600 * 37) % 400
                  ELSE 300 + (extract(epoch FROM hour)::bigint / 3600 * 13) % 60 END
FROM generate_series(date_trunc('hour', now()) - interval '35 days', date_trunc('hour', now()),
                     interval '1 hour') AS hour
ON CONFLICT (hour) DO NOTHING;
"""
TICK = """
INSERT INTO transfer_batches (direction, sent_at, received_at, invoices, amount_fen)
SELECT direction, now() - interval '300 milliseconds', now(), 128, 128 * 11300
FROM unnest(ARRAY['外网到内网', '内网到总局']) AS direction;
INSERT INTO outer_ledger (day, invoices, amount_fen) VALUES (current_date, 128, 128 * 11300)
ON CONFLICT (day) DO UPDATE SET invoices = outer_ledger.invoices + 128,
                                amount_fen = outer_ledger.amount_fen + 128 * 11300;
INSERT INTO task_runs (name, finished_at, state, runs)
SELECT name, now(), 'ok', 1 FROM unnest(ARRAY['汇总上传', '异常凭证下发', '名单同步']) AS name
ON CONFLICT (name) DO UPDATE SET finished_at = now(), state = 'ok', runs = task_runs.runs + 1;
DELETE FROM transfer_batches WHERE sent_at < now() - interval '2 hours';
"""
MATCH = """
INSERT INTO inner_ledger (day, invoices, amount_fen)
SELECT day, invoices - %(lost)s, amount_fen - %(lost)s * 11300 FROM outer_ledger
ON CONFLICT (day) DO UPDATE SET invoices = excluded.invoices, amount_fen = excluded.amount_fen;
"""


def prepare(url: str) -> None:
    """Make the tables and the history that bands need; safe to repeat."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(SCHEMA)
        connection.execute(HISTORY)
    tick(url, lost=0)


def tick(url: str, *, lost: int) -> None:
    """Let two batches arrive; `lost` invoices are missing on the inner side."""
    with psycopg.connect(url, connect_timeout=3) as connection:
        connection.execute(TICK)
        connection.execute(MATCH, {"lost": lost})


def main(url: str) -> None:
    """Move the tables every two seconds until the keeper leaves."""

    async def start(mode: Mode) -> None:
        await asyncio.to_thread(prepare, url)
        say("ready")
        while True:
            await asyncio.sleep(TICK_S)
            if mode.name == "stale":
                continue
            try:
                await asyncio.to_thread(tick, url, lost=3 if mode.name == "mismatch" else 0)
            except psycopg.Error as error:
                sys.stderr.write(f"{error.__class__.__name__}: {error}\n")  # broken on purpose, most likely
                sys.stderr.flush()

    run(start)


if __name__ == "__main__":
    main(sys.argv[1])
