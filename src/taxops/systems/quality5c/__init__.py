"""5C quality evaluation (税收征管质量5C监控评价). JL:27, JL:59. Not built yet: docs/requirements.toml says what is owed."""
