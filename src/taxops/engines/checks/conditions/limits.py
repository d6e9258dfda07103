"""How much one condition may be (条件的上限): enough for people, too little to hurt a prober."""

MAX_LENGTH = 1000
"""Characters of one condition."""

MAX_DEPTH = 24
"""Brackets, functions and `not` inside one another."""

MAX_NODES = 150
"""Values and operators of one condition."""

MAX_DIGITS = 18
"""Digits of a whole number written in a condition."""

MAX_DECIMALS = 30
"""Digits of any other number."""

MAX_PATTERN = 200
"""Characters of a regular expression."""

MAX_OPEN_REPEATS = 3
"""`*`, `+` and `{n,}` of one regular expression."""

SEARCHED = (65_536, 65_536, 16_384, 4_096)
"""Characters of a text that a regular expression looks at, by its number of open repeats."""

SHOWN = 80
"""Characters of a text value that an explanation shows."""
