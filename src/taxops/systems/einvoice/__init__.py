"""E-invoice public service platform (增值税电子发票公共服务平台), GX:1-60. Not built: see docs/requirements.toml."""
