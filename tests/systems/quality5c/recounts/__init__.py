"""Figures explained, versions tried."""
