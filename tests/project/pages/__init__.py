"""Tests of the pages of the composition root."""
