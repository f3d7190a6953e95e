"""Layouts of the wall, own and shared."""
