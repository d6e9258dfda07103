"""Own indicators that a city or county proposes, and what the province answers (个性化指标提议). JL:27, JL:59."""
