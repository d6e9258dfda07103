"""Schemes and their results (评价方案、试算、综合评级、分类分级). JL:27, JL:59."""
