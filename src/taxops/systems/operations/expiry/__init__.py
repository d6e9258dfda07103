"""Licences and warranties that run out (授权与保修到期): read from the assets' own dates. V04, JL:95."""
