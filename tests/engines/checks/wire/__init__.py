"""Tests of `taxops.engines.checks.wire`."""
