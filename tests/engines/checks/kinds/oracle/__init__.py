"""Tests of `taxops.engines.checks.kinds.oracle`."""
