"""Revisions (修订): what data that came late made of stored figures, and which load did it. JL:27, JL:59."""
