"""Maps (指标地图): one indicator over the 市/州 of the province, coloured by where each stands. JL:27, JL:59."""
