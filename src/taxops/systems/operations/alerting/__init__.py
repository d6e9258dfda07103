"""Alerting (告警): who is told of what, when, by which way, and who took it. GX:61-109, GX:145; JL:151-165.

Outages of checks and systems and events pushed from outside become alerts with a fingerprint (指纹). One desk
(`engines.alerts`) decides what is told: groups, inhibitions, silences, routes, repeats, escalations. Its state is
rows of the database, written in the same transaction as the notices, so that a process killed at any instant
neither forgets nor repeats anything. This room stands below monitoring, which tells it what broke.
"""
