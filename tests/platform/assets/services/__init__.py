"""Tests of the services of assets."""
