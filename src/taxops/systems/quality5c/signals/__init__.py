"""Signals (指标预警): rules on indicators, and what a unit answers when its figure breaks one. JL:27, JL:59."""
