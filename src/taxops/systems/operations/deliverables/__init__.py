"""Deliverables (交付物): papers that the contract demands, made from frozen inputs, versioned, signed. GX:67, GX:609.

The first is 《系统运行监控报告》, one a day and organisation. A version never changes: what becomes known later (an
exclusion approved, results that came late) makes the next version, which says what differs and why.
"""
