"""Licences and warranties that run out (授权与保修到期): read from the assets' own dates, told in steps. V04, JL:95."""
