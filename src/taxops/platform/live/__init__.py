"""Live events (实时推送): what changed, told to open pages by SSE."""
