"""Tests of availability."""
