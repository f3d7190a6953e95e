"""Models and their state."""
