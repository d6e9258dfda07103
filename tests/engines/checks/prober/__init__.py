"""Tests of `taxops.engines.checks.prober`."""
