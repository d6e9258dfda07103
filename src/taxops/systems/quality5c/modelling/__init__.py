"""Evaluation models and scheme templates (模型配置、方案模板配置). JL:27, JL:59."""
