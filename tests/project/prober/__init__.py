"""Tests of `taxops.project.prober`."""
