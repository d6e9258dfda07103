"""Templates of what to watch (监控模板): items, thresholds, health tree and daily duty, applied to systems and assets.

GX:61-109, H05, H10. A template has versions. Applying it says beforehand what it would add, change field by field,
take away, and leave alone since somebody changed it by hand; applying twice changes nothing; it can be undone.
"""
