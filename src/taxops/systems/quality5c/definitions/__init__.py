"""Indicators of 5C (指标配置与结果): versions with author and reviewer, figures by unit and period. JL:27, JL:59."""
