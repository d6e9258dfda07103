"""The roster (值班): posts, patterns, overrides, swaps; who is on duty at t, whether the hours are covered.

Nothing is materialised: who stands where is computed from patterns and dated overrides, so a change shows at once
in every answer. Hand-overs are written and accepted, presence is signed in. GX:437, GX:445, JL:63.
"""
