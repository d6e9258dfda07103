"""Assets (资产): anything operated, typed by a schema, with relations and QR codes."""
