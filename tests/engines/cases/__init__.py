"""Tests of the case engine."""
