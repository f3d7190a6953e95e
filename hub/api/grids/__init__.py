"""Grids: look-up and import."""
