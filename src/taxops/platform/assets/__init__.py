"""Assets (资产): anything operated, typed by a schema, with relations and QR codes.

Clauses: GB/T 28827.1 resources (备件库, 最终软件库), the systems, halls and devices of both contracts.
"""
