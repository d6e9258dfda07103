"""Tests of its decisions."""
