"""Asking the warehouse again (核算): a published figure explained, a draft version tried. JL:27, JL:59."""
