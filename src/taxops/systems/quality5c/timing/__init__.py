"""Schemes that are computed by themselves when a period's data are complete (定时试算、定时评价). JL:27, JL:59."""
