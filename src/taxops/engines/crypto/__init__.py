"""SM2, SM3 and SM4 (国密算法) behind one small port."""
