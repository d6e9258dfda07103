"""Wall boards (大屏): the province at a glance, far-readable, live. GX:61-66, M01-M20; DESIGN §6.

The map is a cartogram of our own (示意图): one tile a city, placed by neighbourhood, since no boundary data
is at hand. A tile says the worst that is true of the systems which belong to the city.
"""
