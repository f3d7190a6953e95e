"""An invented county of a real one's size, written into an empty database."""
