"""Tests of the base engine."""
