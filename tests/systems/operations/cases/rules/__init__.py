"""Tests of the room's decisions."""
