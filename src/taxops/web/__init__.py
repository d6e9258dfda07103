"""The web kit: pages by declaration, components, charts, static files; and the pages of the first floor."""
