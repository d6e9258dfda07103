"""The lab (实验室): real services on loopback that real checks watch, and that anyone may break and heal.

GX:131 lists what is watched on the bureau's platform; here each of these is a real component: an HTTP
acceptance service, a TLS endpoint, PostgreSQL, nginx, redis, a Kafka-protocol broker, a DNS server, log
files and a job that reports its heartbeat. One keeper process owns them, so breaking and healing is a
single point of truth with exact instants (`events.jsonl`), which the journeys compare outages with.
"""
