"""5C quality evaluation (税收征管质量5C监控评价): indicators, models, schemes, trials, ratings. JL:27, JL:59."""
