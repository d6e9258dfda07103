"""Tests of the rules of assets."""
