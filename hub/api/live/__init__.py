"""Live video to browsers: the walls' WebSocket."""
