"""Tests of a room of operations."""
