"""Tests of deliverables."""
