"""5C quality evaluation (税收征管质量5C监控评价), JL:27. Not built: see docs/requirements.toml."""
