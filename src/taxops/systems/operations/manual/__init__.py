"""Checks that people carry out (人工检查): what is due, an answer with photo and time of fact, what is overdue.

The daily duty (每日义务) of a template is such a check with an interval of a day. MJ1, H05, V04.
"""
