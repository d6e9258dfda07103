"""Operations (运维服务): monitoring, cases, clocks, rosters, deliverables, contract. GX:61-330, JL:59-77."""
