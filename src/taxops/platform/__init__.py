"""First floor: Django apps that every system uses. Knows no system and no page."""
