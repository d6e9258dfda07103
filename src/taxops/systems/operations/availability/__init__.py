"""Availability (可用性): the contract's year of each system, what counts as down, what is taken out and by whom.

Outages and agreed maintenance come from monitoring; this room adds the contract's terms (可用性约定) and
exclusions (剔除), approved by somebody else, and tells the arithmetic line by line. GX:413-418:
累计 ≤ 12 小时, 每次 ≤ 2 小时, 连续 6 个月.
"""
