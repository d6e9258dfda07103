"""Gap to 总局, strengths and weaknesses, what-if (总局联动与优劣势). JL:27."""
