"""Files of cameras."""
