"""Casework (事项办理): cases kept, whatever their type; history is the truth and the current row a cache.

What a step does is decided by `engines/cases`; here it is stored, hash-chained, numbered, queued, told and
escalated. GX:111-330, GX:405-500, JL:59-77. The API for rooms is `services` and `queries`; see
`docs/casework.md`.
"""
