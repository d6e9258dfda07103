"""External data (外部数据导入): typed templates, batches with versions, roll-back. JL:27."""
