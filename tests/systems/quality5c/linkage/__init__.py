"""Tests of quality5c."""
