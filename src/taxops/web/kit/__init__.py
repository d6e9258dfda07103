"""The kit itself: declarations, components, layout. Knows no room."""
