"""Every shipped case type walked from its opening to each of its ends, and refused on the way, as tables."""
