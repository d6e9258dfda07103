"""Templates of what to watch."""
