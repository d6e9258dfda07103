"""Finding (全文检索): one index of what rooms want found, on either database; see `docs/decisions/0012-search.md`.

Rooms `put` a text when they store it and `drop` it when it goes; `queries.find` answers within the asker's range.
The index is a cache: it may be thrown away and filled again from the rooms. GX:269.
"""
