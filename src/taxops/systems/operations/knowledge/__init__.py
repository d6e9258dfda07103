"""Knowledge (知识库): reviewed articles with versions, found by full text, and the quarterly 《常见问题处理手册》.

An article's published version never changes: a correction is the next version, reviewed by somebody else.
What is really asked is counted, and each quarter's edition is built from those counts. GX:269, GX:494.
"""
