"""Cases of operations (事项): the shipped types as data, the watch that opens incidents, data fixes, pages.

GX:111-330, GX:405-500, JL:59-77, JL:125-177, JL:221-233. Requirements S01-S14, L04-L11, F01-F05, A01-A06.
"""
