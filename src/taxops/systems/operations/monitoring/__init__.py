"""Monitoring (运行监控): systems, their checks, states, outages, windows and alerts. GX:61-109, JL:59-73.

A prober, a ping or a person reports results; `ingest` judges them in one transaction per batch; states,
outages and alerts are functions of that history, and what is stored of them is a cache with a trail.
"""
