"""The checks engine."""
