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

SEARCHED = 65_536
"""Characters of a text that a regular expression looks at."""

MAX_CHOICES = 64
"""Ways through a pattern without open repeats that backtracking may try at every place."""

MAX_STEPS = 200_000
"""Steps that backtracking may take at worst before the automaton is used instead."""

SHOWN = 80
"""Characters of a text value that an explanation shows."""
