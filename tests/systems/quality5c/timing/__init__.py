"""Tests of the timed schemes."""
