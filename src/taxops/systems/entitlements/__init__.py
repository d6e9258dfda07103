"""Tax relief entitlements (退税减税政策应享尽享). JL:27. Not built yet: docs/requirements.toml says what is owed."""
