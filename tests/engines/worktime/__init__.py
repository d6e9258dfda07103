"""Tests of working calendars and clocks."""
