"""The condition language."""
