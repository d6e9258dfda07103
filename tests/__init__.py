"""Tests: they mirror src path for path; contracts, house, journeys and browser stand beside."""
