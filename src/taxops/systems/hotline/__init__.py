"""The 12366 hotline (12366纳税服务). JL:27. Not built yet: docs/requirements.toml says what is owed."""
