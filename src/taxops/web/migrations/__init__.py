"""Schema of what readers set up for themselves."""
