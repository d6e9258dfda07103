"""VAT invoice risk control (增值税发票风险防控). JL:27. Not built yet: docs/requirements.toml says what is owed."""
